"""Records that people bring themselves: from a clinic's server, by SMART App Launch, to the records import."""
