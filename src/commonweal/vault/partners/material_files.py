"""Files of the kit: PDF, PNG, JPEG or SVG, whole, not too large, and nothing in them that runs."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.utils.translation import gettext as _

from commonweal.errors import BadInput
from commonweal.files import PRIVATE, save

LARGEST = 20_000_000  # bytes
KINDS = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml"}
_SVG = "{http://www.w3.org/2000/svg}"
_DRAWN_NAMES = """svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc
    metadata style linearGradient radialGradient stop clipPath mask pattern marker image filter feGaussianBlur feOffset
    feMerge feMergeNode feFlood feComposite feColorMatrix feBlend switch"""
_DRAWN = frozenset(_DRAWN_NAMES.split())
_PAGES = "{http://www.w3.org/1999/xhtml}"  # elements of pages, of which some run
_WITHIN = re.compile(r"#[\w.:-]+|data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*")
_REACHES_OUT = re.compile(
    r"@import|expression\s*\(|javascript:|url\(\s*['\"]?\s*(?!#|data:image/(png|jpeg))", re.IGNORECASE
)
_RUNS = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/RichMedia")


def read(data: bytes) -> str:
    """The kind of a file that can be kept: pdf, png, jpg or svg, by its content. Raises BadInput in words for the page."""
    if not data:
        raise BadInput(_("The file is empty. Choose it again."))
    if len(data) > LARGEST:
        raise BadInput(_("The file is larger than 20 MB. Make it smaller, or give a link to it."))
    kind = _kind(data)
    _CHECKS[kind](data)
    return kind


def _kind(data: bytes) -> str:
    starts = (("png", b"\x89PNG\r\n\x1a\n"), ("jpg", b"\xff\xd8\xff"), ("pdf", b"%PDF-"))
    for kind, start in starts:
        if data.startswith(start):
            return kind
    if b"<svg" in data[:4096]:
        return "svg"
    raise BadInput(_("This is neither a PDF nor a PNG, JPEG or SVG picture. Save it as one of these."))


def _check_png(data: bytes) -> None:
    _check_whole(data.rstrip(b"\0").endswith(b"IEND\xaeB`\x82"))


def _check_jpg(data: bytes) -> None:
    _check_whole(b"\xff\xd9" in data[-65_536:])


def _check_whole(whole: bool) -> None:
    if not whole:
        raise BadInput(_("The file ends in the middle. Save it, or send it, again."))


def _check_pdf(data: bytes) -> None:
    from pypdf import PdfReader

    _check_whole(b"%%EOF" in data[-2048:])
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted
        names = set() if locked else set(_names(reader))
    except Exception:  # what a broken file makes the library raise is no list of its own
        raise BadInput(_("The PDF is damaged and cannot be read. Save it again.")) from None
    if locked:
        raise BadInput(_("The PDF is locked with a password. Save it without one."))
    if names.intersection(_RUNS):
        raise BadInput(_("The PDF holds a program or another file. Save it without them: print it to a new PDF."))


def _names(reader: Any) -> Iterator[str]:
    """Every name in every object of a PDF, as a key or a value."""
    for number in range(1, len(reader.xref_objStm) + sum(len(one) for one in reader.xref.values()) + 1):
        found = reader.get_object(number)
        stack = [found]
        while stack:
            one = stack.pop()
            if isinstance(one, dict):
                yield from (str(key) for key in one)
                stack.extend(one.values())
            elif isinstance(one, list):
                stack.extend(one)
            elif isinstance(one, str):
                yield str(one)


def _check_svg(data: bytes) -> None:
    """Only what draws: no script, no link outside, no document type, no style that fetches."""
    try:
        text = data.decode("utf-8-sig")
        declared = re.search(r"<\?xml[^>]*encoding\s*=\s*['\"]([^'\"]*)", text[:200])
        plain = "<!" not in re.sub(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL)
        one_instruction = len(re.findall(r"<\?", text)) <= text.startswith("<?xml")
        root = ElementTree.fromstring(text) if plain else None  # noqa: S314  (no document type, so no entities)
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise BadInput(_("The SVG picture is damaged and cannot be read. Save it again.")) from None
    utf8 = declared is None or declared[1].lower() == "utf-8"
    if root is None or not (utf8 and one_instruction and all(_only_draws(one) for one in root.iter())):
        raise BadInput(_("The SVG picture holds something that runs or fetches. Save it as plain SVG, or as PNG."))


def _only_draws(element: Any) -> bool:
    if not isinstance(element.tag, str):  # a comment
        return True
    ours = element.tag.startswith(_SVG) or not element.tag.startswith("{")
    drawn = element.tag.removeprefix(_SVG) in _DRAWN if ours else not element.tag.startswith(_PAGES)
    return drawn and not _acts(element)


def _acts(element: Any) -> bool:
    for key, value in element.attrib.items():
        name = key.rpartition("}")[2].lower()
        if name.startswith("on") or (name in ("href", "src") and not _WITHIN.fullmatch(value.strip())):
            return True
        if _REACHES_OUT.search(value):
            return True
    return bool(_REACHES_OUT.search(element.text or ""))


_CHECKS = {"png": _check_png, "jpg": _check_jpg, "pdf": _check_pdf, "svg": _check_svg}


def keep(data: bytes, name: str, kind: str) -> None:
    """Put a file that was `read` into the vault's store, under a UUID."""
    save(path_of(name, kind), data, PRIVATE)


def path_of(name: str, kind: str) -> Path:
    store: Path = settings.COMMONWEAL_HOME.vault_store
    return store / "partners" / "materials" / f"{name}.{kind}"
