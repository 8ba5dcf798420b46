"""Who a record is about: what FHIR says of its subject, and the identity that matching compares."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple


@dataclass(frozen=True)
class PatientIdentity:
    """Folded, comparable parts of a person's identity. Any may be missing (None or empty).

    `givens`: the first given name, and all together; `full_givens`: all together only. `families`: whole family names;
    `surnames`: their parts (García López, Smith-Jones), without particles; `former`: earlier ones, whole and in parts.
    `sex`: male, female or empty. `zips`: five digits.
    """

    birth_date: date | None
    families: frozenset[str]
    givens: frozenset[str]
    record_numbers: frozenset[str]
    phones: frozenset[str]
    addresses: frozenset[str]
    sex: str = ""
    emails: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    zips: frozenset[str] = frozenset()
    full_givens: frozenset[str] = frozenset()
    surnames: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()


class Name(NamedTuple):
    """A name as written. `former`: a family name that the person had before."""

    family: str
    given: tuple[str, ...]
    former: bool = False


NOBODY = PatientIdentity(None, *(frozenset(),) * 5)  # what cannot be read as a person


def described(
    *,
    names: Iterable[Name],
    birth_date: date | None,
    sex: Any = "",
    record_numbers: Iterable[Any] = (),
    phones: Iterable[Any] = (),
    emails: Iterable[Any] = (),
    lines: Iterable[Any] = (),
    cities: Iterable[Any] = (),
    zips: Iterable[Any] = (),
) -> PatientIdentity:
    """The identity of a person whose details are given as they were written; what cannot be read is left out.

    `record_numbers` are taken as they are: fold them with `record_number` first.
    """
    names = list(names)
    now, before = [n for n in names if not n.former], [n for n in names if n.former]
    return PatientIdentity(
        birth_date=birth_date,
        families=_folded(n.family for n in now),
        givens=_folded(given for n in now for given in _givens(n.given)),
        record_numbers=frozenset(n for n in record_numbers if n),
        phones=frozenset(p for one in phones if (p := phone(one))),
        addresses=frozenset(a for line in lines if (a := address(line))),
        sex=_SEXES.get(str(sex).strip().lower(), ""),
        emails=frozenset(e for one in emails if (e := email(one))),
        cities=_folded(c for c in cities if isinstance(c, str)),
        zips=frozenset(z for one in zips if (z := zip_code(one))),
        full_givens=_folded(" ".join(n.given) for n in now),
        surnames=frozenset(part for n in now for part in surnames(n.family)),
        former=_folded(n.family for n in before) | {part for n in before for part in surnames(n.family)},
    )


def identity(resource: Mapping[str, Any]) -> PatientIdentity:
    """The identity in a FHIR Patient. Raises ValueError where the resource is not shaped like one."""
    try:
        telecom, places = resource.get("telecom") or (), resource.get("address") or ()
        return described(
            names=[_name(n) for n in resource.get("name") or ()],
            birth_date=_date(resource.get("birthDate")),
            sex=_sex(resource),
            record_numbers=_record_numbers(resource.get("identifier") or ()),
            phones=[t.get("value") for t in telecom if t.get("system") == "phone"],
            emails=[t.get("value") for t in telecom if t.get("system") == "email"],
            lines=[line for one in places for line in one.get("line") or ()],
            cities=[one.get("city") for one in places],
            zips=[one.get("postalCode") for one in places],
        )
    except (AttributeError, TypeError) as error:
        raise ValueError("not shaped like a Patient") from error


def _name(name: Mapping[str, Any]) -> Name:
    """A FHIR HumanName. A maiden name counts as one of today's: many records never hear of the other."""
    return Name(name.get("family") or "", tuple(g for g in name.get("given") or () if g), name.get("use") == "old")


def _givens(given: tuple[str, ...]) -> list[str]:
    """The first given name, and all of them together as some write them in one field."""
    return [given[0], " ".join(given)] if given else []


_SEXES = {"male": "male", "m": "male", "female": "female", "f": "female"}
_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"


def _sex(resource: Mapping[str, Any]) -> Any:
    """The sex assigned at birth (US Core), which participants are asked for; else the administrative gender."""
    extensions = resource.get("extension") or ()
    found = [e.get("valueCode") for e in extensions if isinstance(e, Mapping) and e.get("url") == _BIRTH_SEX]
    return next((sex for sex in found if sex), resource.get("gender"))


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _folded(names: Any) -> frozenset[str]:
    return frozenset(f for name in names if name and (f := fold(name)))


OF_A_CARD = frozenset({"SS", "SB", "DL", "PPN", "TAX", "NI", "HC", "MA", "MB", "MC", "SN"})
"""Types of numbers of a person's papers (HL7 v2 table 0203): social security, driving, passport, tax, insurance."""
_SYSTEMS_OF_CARDS = (
    "http://hl7.org/fhir/sid/us-ssn", "http://hl7.org/fhir/sid/us-mbi", "http://hl7.org/fhir/sid/us-medicare",
    "urn:oid:2.16.840.1.113883.4.1", "urn:oid:2.16.840.1.113883.4.572", "urn:oid:2.16.840.1.113883.4.927",
)  # fmt: skip
_FAMILIES_OF_CARDS = ("urn:oid:2.16.840.1.113883.4.3.", "urn:oid:2.16.840.1.113883.4.330.")  # licences; passports


def is_of_a_card(identifier: Any) -> bool:
    """Whether a FHIR Identifier is the number of a person's papers, by its type or its system: nothing here needs that."""
    if not isinstance(identifier, Mapping):
        return False
    kind, system = identifier.get("type"), str(identifier.get("system") or "")
    codings = kind.get("coding") if isinstance(kind, Mapping) else None
    typed = any(isinstance(one, Mapping) and one.get("code") in OF_A_CARD for one in codings or ())
    return typed or system in _SYSTEMS_OF_CARDS or system.startswith(_FAMILIES_OF_CARDS)


def _record_numbers(identifiers: Any) -> frozenset[str]:
    """Medical record numbers (type MR, HL7 v2 table 0203); where none is marked so, all unmarked identifiers.

    Never the number of a person's papers, which some send without a type: matching's queue would show it.
    """
    marked, unmarked = set(), set()
    for one in identifiers:
        codes = {c.get("code") for c in (one.get("type") or {}).get("coding") or ()}
        value = record_number(one.get("value"))
        if value and "MR" in codes:
            marked.add(value)
        elif value and not codes and not is_of_a_card(one):
            unmarked.add(value)
    return frozenset(marked or unmarked)


@lru_cache(maxsize=50_000)  # few names are many people's
def fold(text: str) -> str:
    """A name without case, accents, punctuation and outer or double spaces; digits stay."""
    if text.isascii() and text.isalnum():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " if c.isspace() else "" for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def phone(text: Any) -> str:
    """The digits of a telephone number, without the leading 1 of North America; '' where fewer than seven are left."""
    digits = re.sub(r"\D", "", text) if isinstance(text, str) else ""
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return digits if len(digits) >= 7 else ""


def email(text: Any) -> str:
    """An e-mail address without case and outer spaces; '' for what is none."""
    plain = text.strip().casefold() if isinstance(text, str) else ""
    return plain if re.fullmatch(r"[^@\s]+@[^@\s]+", plain) else ""


def zip_code(text: Any) -> str:
    """The five digits of a ZIP code; '' for what is none."""
    found = re.match(r"\s*(\d{5})(?:-?\d{4})?\s*$", text) if isinstance(text, str) else None
    return found[1] if found else ""


_PARTICLE_WORDS = (
    "a al ap bin da das de del den der di do dos du el i la las le los mac mc o san santa st ter van von y"
)
_PARTICLES = frozenset(_PARTICLE_WORDS.split(" "))


def surnames(family: Any) -> frozenset[str]:
    """The parts of a family name, folded, without particles: García and López of "García López", Smith of "Smith-Jones".

    A particle is a part where nothing else is left of the name.
    """
    parts = [fold(part) for part in re.split(r"[\s\-‐‑–/]+", family)] if isinstance(family, str) else []
    return frozenset(p for p in parts if p and p not in _PARTICLES) or frozenset(p for p in parts if p)


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
