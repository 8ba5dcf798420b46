"""The bridge: the only room that reads the vault and writes the commons. It runs in a process of its own."""
