"""Names as people have them: any script, accents, apostrophes, one name or several. Pure."""

import unicodedata

from commonweal.errors import BadInput

LONGEST = 200  # characters of each part, once they are composed (NFC)
_JOINERS = "\u200c\u200d"  # which Persian and the scripts of India need within a word


def cleaned(text: str) -> str:
    """The same name as one composes it (NFC), with single spaces. Raises BadInput for what no name holds.

    Refused are control characters, characters that turn the direction of a line, and angle brackets; the reason is a word
    for the caller to explain: "hidden" or "brackets".
    """
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    if any(_is_hidden(c) for c in composed):
        raise BadInput("hidden")
    if any(c in "<>" for c in composed):
        raise BadInput("brackets")
    return composed


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") and character not in _JOINERS


def has_letters(text: str) -> bool:
    return any(unicodedata.category(c)[0] == "L" for c in text)


def full(given: str, family: str) -> str:
    """Given and family name, or the one name that there is."""
    return " ".join(part for part in (given, family) if part)


def listed(given: str, family: str) -> str:
    """As a list is sorted: family name, given name; or the one name that there is."""
    return ", ".join(part for part in (family, given) if part)
