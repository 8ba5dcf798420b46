"""The names of the scopes under which data of devices come in."""

PREFIX = "wearables:"


def scope_of(provider: str) -> str:
    """The grant under which data of this provider may come in."""
    return f"{PREFIX}{provider}"
