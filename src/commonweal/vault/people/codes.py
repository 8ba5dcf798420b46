"""Short codes that people read, say on the telephone and type: no letters or digits that look alike."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def typed(text: str) -> str:
    """As it was made, however it was typed: without blanks and hyphens, in capitals."""
    return "".join(text.upper().split()).replace("-", "")


def spoken(code: str) -> str:
    """In groups of four or five: ABCD-EFGH."""
    size = 5 if len(code) % 5 == 0 else 4
    return "-".join(code[start : start + size] for start in range(0, len(code), size))
