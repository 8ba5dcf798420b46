"""Addresses of other servers, as a protocol may name them."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_HERE = ("localhost", "127.0.0.1", "::1")


def is_safe(address: str) -> bool:
    """Whether secrets may go there: https, or http on this machine itself."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE))


def _base(address: str) -> str:
    parts = urlsplit(address)
    if not is_safe(address) or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address that begins with https://, without ?, # and a user's name")
    return address.rstrip("/")


Base = Annotated[str, AfterValidator(_base)]  # what paths are put behind; without a slash at its end
