"""What of a consent text a person has read in this session, by the digest of the exact text, and what comes next.

A text counts as read when each of its screens was shown and its questions were answered rightly. Another language or
version is another text with another digest, and is read anew.
"""

from collections.abc import MutableMapping
from typing import Any

from commonweal.protocol import ConsentText

_KEY = "consent_reading"


def _state(session: MutableMapping[str, Any], text: ConsentText) -> dict[str, Any]:
    return session.get(_KEY, {}).get(text.sha256, {"shown": [], "understood": False})


def _keep(session: MutableMapping[str, Any], text: ConsentText, **changes: Any) -> None:
    session[_KEY] = session.get(_KEY, {}) | {text.sha256: _state(session, text) | changes}


def show(session: MutableMapping[str, Any], text: ConsentText, screen: int) -> None:
    """Note that screen number `screen` (from 1) of this text was shown."""
    shown = _state(session, text)["shown"]
    if screen not in shown:
        _keep(session, text, shown=sorted([*shown, screen]))


def understood(session: MutableMapping[str, Any], text: ConsentText) -> None:
    """Note that the questions of this text were answered rightly."""
    _keep(session, text, understood=True)


def first_unread(session: MutableMapping[str, Any], text: ConsentText) -> int | None:
    """The number of the first screen not yet shown, or None."""
    shown = set(_state(session, text)["shown"])
    return next((number for number in range(1, len(text.screens) + 1) if number not in shown), None)


def is_understood(session: MutableMapping[str, Any], text: ConsentText) -> bool:
    return not text.questions or _state(session, text)["understood"]
