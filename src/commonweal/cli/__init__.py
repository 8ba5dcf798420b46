"""The `commonweal` command. Each command declares its zone and runs in a child process with that zone's settings."""

from commonweal.cli.main import main

__all__ = ["main"]
