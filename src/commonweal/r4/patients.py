"""Who a record is about: what FHIR says of its subject, and the identity that matching compares."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class PatientIdentity:
    """Folded, comparable parts of a person's identity. Any may be missing (None or empty)."""

    birth_date: date | None
    families: frozenset[str]
    givens: frozenset[str]
    record_numbers: frozenset[str]
    phones: frozenset[str]
    addresses: frozenset[str]


NOBODY = PatientIdentity(None, *(frozenset(),) * 5)  # what cannot be read as a person


def identity(resource: Mapping[str, Any]) -> PatientIdentity:
    """The identity in a FHIR Patient. Raises ValueError where the resource is not shaped like one."""
    try:
        names = [n for n in resource.get("name") or () if n.get("use") != "old"]
        return PatientIdentity(
            birth_date=_date(resource.get("birthDate")),
            families=_folded(n.get("family") for n in names),
            givens=_folded(given for n in names for given in _givens(n)),
            record_numbers=_record_numbers(resource.get("identifier") or ()),
            phones=frozenset(
                p for t in resource.get("telecom") or () if t.get("system") == "phone" and (p := phone(t.get("value")))
            ),
            addresses=frozenset(
                a for one in resource.get("address") or () for line in one.get("line") or () if (a := address(line))
            ),
        )
    except (AttributeError, TypeError) as error:
        raise ValueError("not shaped like a Patient") from error


def _givens(name: Mapping[str, Any]) -> list[str]:
    """The first given name, and all of them together as some write them in one field."""
    given = [g for g in name.get("given") or () if g]
    return [given[0], " ".join(given)] if given else []


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _folded(names: Any) -> frozenset[str]:
    return frozenset(f for name in names if name and (f := fold(name)))


def _record_numbers(identifiers: Any) -> frozenset[str]:
    """Medical record numbers (type MR, HL7 v2 table 0203); where none is marked so, all unmarked identifiers."""
    marked, unmarked = set(), set()
    for one in identifiers:
        codes = {c.get("code") for c in (one.get("type") or {}).get("coding") or ()}
        value = record_number(one.get("value"))
        if value and "MR" in codes:
            marked.add(value)
        elif value and not codes:
            unmarked.add(value)
    return frozenset(marked or unmarked)


def fold(text: str) -> str:
    """A name without case, accents, punctuation and outer or double spaces; digits stay."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " if c.isspace() else "" for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def phone(text: Any) -> str:
    """The digits of a telephone number, without the leading 1 of North America; '' where fewer than seven are left."""
    digits = re.sub(r"\D", "", text) if isinstance(text, str) else ""
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return digits if len(digits) >= 7 else ""


def record_number(text: Any) -> str:
    """A record number without case, spaces, punctuation and leading zeros."""
    return re.sub(r"[\W_]", "", text.casefold()).lstrip("0") if isinstance(text, str) else ""


# Common abbreviations of USPS Publication 28, appendices C1 and C2.
_WORDS = {
    "street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "lane": "ln", "court": "ct", "boulevard": "blvd",
    "place": "pl", "terrace": "ter", "circle": "cir", "highway": "hwy", "parkway": "pkwy", "square": "sq",
    "trail": "trl", "apartment": "apt", "suite": "ste", "north": "n", "south": "s", "east": "e", "west": "w", "unit": "unit",
}  # fmt: skip


def address(line: Any) -> str:
    """A street line, folded, with common words abbreviated as the postal service does."""
    return " ".join(_WORDS.get(word, word) for word in fold(line).split()) if isinstance(line, str) else ""


def reference_id(reference: Any) -> str | None:
    """The logical id that a Reference names: `Patient/1`, `urn:uuid:…`, `https://…/Patient/1/_history/2`; else None.

    Conditional references (`Patient?identifier=…`) and contained ones name no logical id of their own.
    """
    text = reference.get("reference") if isinstance(reference, Mapping) else None
    if not isinstance(text, str) or not text or text[0] == "#" or "?" in text:
        return None
    if text.startswith("urn:"):
        return text.rsplit(":", 1)[1] or None
    parts = text.split("/")
    if "_history" in parts:
        parts = parts[: parts.index("_history")]
    return parts[-1] or None


def subject_id(resource: Mapping[str, Any]) -> str | None:
    """The logical id of the patient that a resource is about; a Patient is about itself."""
    if resource.get("resourceType") == "Patient":
        return identifier if isinstance(identifier := resource.get("id"), str) else None
    return reference_id(resource.get("subject") or resource.get("patient"))
