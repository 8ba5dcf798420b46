"""What of a consent text a person has read in this session, by the digest of the exact text, and what comes next.

A text counts as read when each of its screens was shown and its questions were answered rightly. Another language or
version is another text with another digest, and is read anew.
"""

from collections.abc import MutableMapping
from typing import Any

from django.utils.translation import gettext as _

from commonweal.protocol import ConsentModule, ConsentText, find_text
from commonweal.ui.context import words

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


def what_changed(module: ConsentModule, text: ConsentText, posted: str) -> str:
    """Why the words that somebody had open (named by their digest) cannot be answered, for that person."""
    new, old = find_text(module, text.sha256), find_text(module, posted)
    again = _("Please read it again before you decide.")
    if new is None or old is None:
        return _("The text has changed since you opened it.") + " " + again
    if old.version.version != new.version.version:
        same = old.form.texts.get(new.language, old.text)
        changed = _("What changed: %(what)s.") % {"what": "; ".join(changed_titles(same, text)) or _("the last page")}
        why = words(new.version.why)
        return " ".join(filter(None, [_("The text has changed since you opened it."), why, changed, again]))
    if old.form.id != new.form.id:
        moved = _("Where you live or get care has changed since you opened the text, and another text applies there.")
        return moved + " " + again
    return _("You had this text open in another language. Please read it in the language in which you sign.")


def changed_titles(old: ConsentText, new: ConsentText) -> list[str]:
    """The titles of the screens of `new` that say something else than in `old`, or that `old` does not have."""
    before = set(old.screens)
    return [screen.title for screen in new.screens if screen not in before]
