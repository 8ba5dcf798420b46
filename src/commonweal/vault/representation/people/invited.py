"""Whose the invitations are by which people came: told by the room of partners, which stands above this one."""

from collections.abc import Callable, Mapping

Whose = Callable[[], Mapping[int, str]]  # id of an invitation -> id of a community partner
Names = Callable[[], Mapping[str, str]]  # id of a community partner -> its name in the language of the page
_TOLD: dict[str, tuple[Whose, Names]] = {}


def tell(whose: Whose, names: Names) -> None:
    """Called once, when the room of partners is loaded."""
    _TOLD["partners"] = (whose, names)


def whose() -> Mapping[int, str]:
    return _TOLD["partners"][0]() if _TOLD else {}


def names() -> Mapping[str, str]:
    return _TOLD["partners"][1]() if _TOLD else {}
