"""The risk report of a release, as the privacy board reads it."""
