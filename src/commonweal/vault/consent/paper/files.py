"""The file of a paper consent: a PDF, or a photo, whole and readable; what a PDF's own form fields say."""

import hashlib
import io
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from commonweal.errors import BadInput
from commonweal.files import PRIVATE, save

LARGEST = 20_000_000  # bytes
MOST_PAGES = 200
KINDS = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}
_FIELDS = {  # what a form field is, by its name in English or Spanish; the first that fits
    "initials": r"initial|inicial",
    "signed_on": r"date|fecha",
    "printed_name": r"print|name|nombre",
    "signature_text": r"sign|firma",
    "check_mark": r"check|agree|confirm|acepto",
}


@dataclass(frozen=True)
class Scan:
    """A file that can be kept. `suggested`: values found in form fields of a PDF, to be confirmed by somebody who looks."""

    data: bytes
    kind: str
    suggested: dict[str, Any]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def read(data: bytes) -> Scan:
    """The scan in `data`. Raises BadInput in words for staff: empty, too large, of another kind, broken, half, encrypted."""
    if not data:
        raise BadInput(_("The file is empty. Scan the paper again."))
    if len(data) > LARGEST:
        raise BadInput(_("The file is larger than 20 MB. Scan it in gray, at 200 dots per inch."))
    kind = kind_of(data)
    if kind == "pdf":
        return Scan(data, kind, suggest(_pdf_fields(data)))
    whole = data.rstrip(b"\0").endswith(b"IEND\xaeB`\x82") if kind == "png" else b"\xff\xd9" in data[-65_536:]
    if not whole:
        raise BadInput(_("The file ends in the middle. Take the picture, or send it, again."))
    return Scan(data, kind, {})


def kind_of(data: bytes) -> str:
    """pdf, png or jpg by how the file begins, whatever its name says."""
    for kind, start in (("png", b"\x89PNG\r\n\x1a\n"), ("jpg", b"\xff\xd8\xff")):
        if data.startswith(start):
            return kind
    if b"%PDF-" in data[:1024]:
        return "pdf"
    raise BadInput(_("This is neither a PDF nor a PNG or JPEG picture. Scan the paper, or take a picture of it."))


def _pdf_fields(data: bytes) -> dict[str, Any]:
    from pypdf import PdfReader

    if b"%%EOF" not in data[-2048:]:
        raise BadInput(_("The file ends in the middle. Scan the paper, or send the file, again."))
    try:
        reader = PdfReader(io.BytesIO(data))
        if not reader.is_encrypted:
            pages = len(reader.pages)
            fields = reader.get_fields() or {} if 0 < pages <= MOST_PAGES else {}
    except Exception:  # what a broken file makes the library raise is no list of its own
        raise BadInput(_("The PDF is damaged and cannot be read. Scan the paper again.")) from None
    if reader.is_encrypted:
        raise BadInput(_("The PDF is locked with a password. Save it without one, or print and scan it."))
    if not 0 < pages <= MOST_PAGES:
        raise BadInput(_("The PDF has no page, or more than 200. Scan the pages of this consent alone."))
    return {str(name): (field.get("/FT"), field.get("/V")) for name, field in fields.items()}


def suggest(fields: dict[str, tuple[str | None, Any]]) -> dict[str, Any]:
    """What form fields {name: (type, value)} of a PDF say: only what fits, and nothing that is empty."""
    found: dict[str, Any] = {}
    for name, (kind, value) in fields.items():
        what = next((key for key, pattern in _FIELDS.items() if re.search(pattern, name, re.IGNORECASE)), None)
        if what is None and kind != "/Sig":
            continue
        said = _said(what or "", kind, value)
        if said:
            found.update({key: one for key, one in said.items() if key not in found})
    return found


def _said(what: str, kind: str | None, value: Any) -> dict[str, Any]:
    if kind == "/Sig":
        return {"signature_is_image": True} if value is not None else {}
    if kind == "/Btn":
        return {"check_mark": str(value) not in ("/Off", "None")} if what in ("check_mark", "signature_text") else {}
    text = _printable(str(value or ""))[:200]
    if not text or what == "check_mark":
        return {}
    if what == "signed_on":
        day = _day(text)
        return {"signed_on": day} if day else {}
    return {what: text[:10] if what == "initials" else text}


def _printable(text: str) -> str:
    """In one line, without what can neither be shown nor kept: a file may say anything, zero bytes and half letters included."""
    return " ".join("".join(one for one in text if one.isprintable() or one.isspace()).split())


def _day(text: str) -> date | None:
    """A day as 2026-11-22 or 11/22/2026."""
    if match := re.search(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = match.groups()
    elif match := re.search(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        month, day, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def keep(scan: Scan, name: str) -> str:
    """Put the scan into the vault's store under `name` (a UUID), readable by its owner alone; its path within the store."""
    path = _folder() / f"{name}.{scan.kind}"
    save(path, scan.data, PRIVATE)
    return f"consents/paper/{path.name}"


def path_of(file_path: str) -> Path:
    """Where a kept scan lies."""
    return _folder() / Path(file_path).name


def is_kept(file_path: str) -> bool:
    return bool(file_path) and path_of(file_path).is_file()


def _folder() -> Path:
    store: Path = settings.COMMONWEAL_HOME.vault_store
    return store / "consents" / "paper"
