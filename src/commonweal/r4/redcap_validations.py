"""REDCap's validation types of text fields, as item types, patterns and limits of FHIR."""

from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from commonweal.r4.redcap_rows import Row

Element = dict[str, Any]
HL7 = "http://hl7.org/fhir/StructureDefinition/"
PATTERNS = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "phone": r"[-+0-9 ().x]{7,25}",
    "phone_australia": r"[-+0-9 ()]{6,20}",
    "zipcode": r"\d{5}(-\d{4})?",
    "postalcode_australia": r"\d{4}",
    "postalcode_canada": r"[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d",
    "postalcode_french": r"\d{5}",
    "postalcode_germany": r"\d{5}",
    "ssn": r"\d{3}-?\d{2}-?\d{4}",
    "alpha_only": r"[A-Za-z]+",
    "mrn_10d": r"\d{10}",
    "mrn_generic": r"[A-Za-z0-9_-]+",
    "vmrn": r"\d{4,9}",
    "time_mm_ss": r"[0-5]?\d:[0-5]\d",
}
ORDERS = {"ymd": "YYYY-MM-DD", "mdy": "MM-DD-YYYY", "dmy": "DD-MM-YYYY"}


def validated(row: Row) -> tuple[Element, str]:
    """(what a text field's validation says of its item, what is wrong or "")."""
    kind = row.validation
    if kind in ("", "autocomplete"):
        return {"type": "string"}, ""
    if kind in PATTERNS:
        return {"type": "string", "extension": [extension("regex", valueString=PATTERNS[kind])]}, ""
    found = _number(kind) or _moment(kind)
    if found is None:
        return {"type": "string"}, f"the validation '{_short(kind)}' is not carried over; the field is plain text"
    return _limited(found, row)


def _number(kind: str) -> Element | None:
    if kind == "integer":
        return {"type": "integer"}
    if kind.removesuffix("_comma_decimal") == "number":
        return {"type": "decimal"}
    digits = kind.removesuffix("_comma_decimal").removeprefix("number_").removesuffix("dp")
    if not kind.startswith("number_") or not digits.isdecimal() or len(digits) > 1:
        return None
    return {"type": "decimal", "extension": [extension("maxDecimalPlaces", valueInteger=int(digits))]}


def _moment(kind: str) -> Element | None:
    if kind in ("time", "time_hh_mm_ss"):
        return {"type": "time"}
    start, _, order = kind.rpartition("_")
    types = {"date": "date", "datetime": "dateTime", "datetime_seconds": "dateTime"}
    if start not in types or order not in ORDERS:
        return None
    shown = ORDERS[order] + {"date": "", "datetime": " hh:mm", "datetime_seconds": " hh:mm:ss"}[start]
    return {"type": types[start], "extension": [extension("entryFormat", valueString=shown)]}


def _limited(element: Element, row: Row) -> tuple[Element, str]:
    """The element with its least and greatest value."""
    extensions = list(element.get("extension", []))
    for name, text in (("minValue", row.least), ("maxValue", row.most)):
        if not text:
            continue
        found = _limit(element["type"], text)
        if found is None:
            return element, f"its limit in '{'Min' if name == 'minValue' else 'Max'}' is not carried over"
        extensions.append(extension(name, **found))
    return element | ({"extension": extensions} if extensions else {}), ""


def _limit(kind: str, text: str) -> Element | None:
    """A limit as FHIR writes it; REDCap writes dates of limits as YYYY-MM-DD whatever is typed."""
    try:
        if kind in ("integer", "decimal"):
            return number_of(text, whole=kind == "integer")
        if kind == "date":
            return {"valueDate": date.fromisoformat(text).isoformat()}
        if kind == "time":
            return {"valueTime": time.fromisoformat(text).isoformat("seconds")}
        return {"valueDate": datetime.fromisoformat(text).date().isoformat()} if kind == "dateTime" else None
    except ValueError:
        return None


def number_of(text: str, *, whole: bool) -> Element | None:
    """A number as `valueInteger` or `valueDecimal`; None for what is none."""
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= 2**31 or (whole and number != number.to_integral_value()):
        return None
    return {"valueInteger": int(number)} if whole else {"valueDecimal": float(number)}


def extension(name: str, **value: Any) -> Element:
    """An extension of HL7's, such as `extension("regex", valueString=…)`."""
    return {"url": name if "://" in name else HL7 + name} | value


def _short(text: str) -> str:
    return "".join(letter for letter in text[:40] if letter.isalnum() or letter in "_- ")
