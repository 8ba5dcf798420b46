"""Words as they are written: kept as they are, but for signs that no database and no page can hold."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item
from commonweal.r4.questionnaire_checks import fits
from commonweal.vault.surveys.fields.unclear import Unclear

LONGEST = {"string": 1_000, "text": 20_000, "url": 2_000}  # characters, where the form sets no limit of its own
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+([/?#:].*)?")


def longest(item: Item) -> int:
    return item.max_length or LONGEST.get(item.type, LONGEST["string"])


def read(item: Item, text: str, example: str = "") -> list[dict[str, Any]]:
    """The words as they were written, lines parted as everywhere. Raises Unclear for too long, too short, another form."""
    text = _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        return []
    if len(text) > longest(item):
        told = {"longest": longest(item), "now": len(text)}
        raise Unclear(_("Please write at most %(longest)s characters; these are %(now)s.") % told)
    if item.min_length and len(text) < item.min_length:
        raise Unclear(_("Please write at least %(shortest)s characters.") % {"shortest": item.min_length})
    if item.pattern is not None and not fits(item.pattern, text):
        raise Unclear(
            _("Please write it in this form: %(example)s.") % {"example": example}
            if example
            else _("This is not written in the form that the question asks for. Please check it.")
        )
    return [{"valueUri": _address(text)}] if item.type == "url" else [{"valueString": text}]


def _address(text: str) -> str:
    if "://" not in text and _NAME.fullmatch(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"\s", text):
        raise Unclear(_("Please write an address of the web, such as https://example.org."))
    return text
