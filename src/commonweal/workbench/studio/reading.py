"""What the cohort page sent, as a definition: the JSON of the page, its fields over it, then the button pressed.

Every field of the page is named by the place of its criterion, `include.0.1.age_min`; a page without JavaScript sends
the same. Where the JSON was edited by hand, it counts, and the fields do not.
"""

from typing import Any

import orjson
from django.http import QueryDict

from commonweal.commons.cohort.criteria import HELD
from commonweal.commons.cohort.definition import parse
from commonweal.errors import BadInput
from commonweal.genomics.ancestry import ANCESTRIES
from commonweal.genomics.genotype import GENOTYPES
from commonweal.workbench.studio import builder

_CHECKS = ("sex_at_birth", "race", "ethnicity")


def definition(data: QueryDict, *, last_day: str) -> dict[str, Any]:
    """The definition that the page now stands for. Raises BadInput."""
    text, before = data.get("definition", ""), data.get("before", "")
    if text.strip() and _loads(text) != _loads(before or "{}"):
        made = parse(text).as_json()
    else:
        made = parse(before or builder.EMPTY).as_json()
        made = _with_fields(made, data, last_day)
    return _pressed(made, data)


def _loads(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"cohort definition: not JSON (line {error.lineno}): {error.msg}; correct it") from None


def _with_fields(made: dict[str, Any], data: QueryDict, last_day: str) -> dict[str, Any]:
    for kind in builder.KINDS:
        for group in builder.groups(made, kind):
            for number, criterion in enumerate(group["any"]):
                prefix = f"{kind}.{group['place']}.{number}."
                if f"{prefix}shown" in data:
                    limits = _limits(criterion, data, prefix)
                    made = builder.change(made, kind, group["place"], number, limits)
    if "person.shown" in data:
        made = builder.with_person(made, _person(data, builder.person(made), last_day))
    return made


def _limits(criterion: dict[str, Any], data: QueryDict, prefix: str) -> dict[str, Any]:
    """Limits of one criterion from its fields; what the page has no field for stays."""

    def number(name: str) -> int | None:
        return whole(data.get(prefix + name, ""))

    ages = _ages(number("age_min"), number("age_max"), criterion.get("age"))
    days = _pair(data.get(prefix + "from") or None, data.get(prefix + "to") or None, "from", "to")
    limits: dict[str, Any] = {"age": ages, "start": days}
    if criterion.get("at_most") != 0 and criterion.get("at_least") != 0:
        least = number("at_least")
        limits["at_least"] = least if least and least > 1 else None
    if criterion["type"] in builder.WITH_NUMBERS:
        value = dict(criterion.get("value") or {})
        for key in ("min", "max"):
            value.pop(key, None)
            given = _decimal(data.get(f"{prefix}value_{key}", ""))
            if given is not None:
                value[key] = given
        limits["value"] = value or None
    if criterion["type"] != "wearable":  # which has no concepts
        limits["descendants"] = None if data.get(prefix + "descendants") else False
    return limits


def _person(data: QueryDict, before: dict[str, Any], last_day: str) -> dict[str, Any]:
    made: dict[str, Any] = {k: v for k, v in before.items() if k not in (*_CHECKS, "age_at", "has", "type")}
    for key in _CHECKS:
        ids = [i for told in data.getlist(f"person.{key}") if (i := number(told)) is not None]
        if ids:
            made[key] = ids
    has = [kind for kind in data.getlist("person.has") if kind in HELD]
    if has:
        made["has"] = has
    old = before.get("age_at")
    ages = _ages(whole(data.get("person.age_min", "")), whole(data.get("person.age_max", "")), old)
    if ages:
        made["age_at"] = {"date": (old or {}).get("date", last_day), **ages}
    return made


def _ages(low: int | None, high: int | None, before: dict[str, Any] | None) -> dict[str, Any] | None:
    """An age; how its years are counted stays as it was."""
    ages = _pair(low, high, "min", "max")
    return ages and ages | {k: v for k, v in (before or {}).items() if k == "years"}


def _pair(low: Any, high: Any, low_name: str, high_name: str) -> dict[str, Any] | None:
    pair = {low_name: low, high_name: high}
    return {k: v for k, v in pair.items() if v is not None} or None


def whole(text: str) -> int | None:
    """A whole number that somebody typed, or None for nothing. Raises BadInput."""
    if not text.strip():
        return None
    try:
        return int(text)
    except ValueError:
        raise BadInput("a number of this page: not a whole number; write digits only") from None


def _decimal(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise BadInput("a value of this page: not a number; write it as 6.5") from None


def number(text: str) -> int | None:
    """Digits as the number of a concept, a place or a row; None for what can be none of these."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _place(into: str) -> tuple[str, int | None]:
    kind, _, place = (into or "include").partition(".")
    return kind, whole(place)


def _genome(data: QueryDict) -> dict[str, Any]:
    """The criterion of the genome fields. What is wrong with it, the definition will say."""
    made: dict[str, Any] = {"type": "genome"}
    ancestry = [label for label in data.getlist("genome.ancestry") if label in ANCESTRIES]
    if ancestry:
        made["ancestry"] = ancestry
    if data.get("genome.variant", "").strip():
        made["variant"] = data["genome.variant"].strip()
        made["genotype"] = [one for one in data.getlist("genome.genotype") if one in GENOTYPES]
    return made


def _pressed(made: dict[str, Any], data: QueryDict) -> dict[str, Any]:
    """The definition after the button: `add:TYPE:CONCEPT` or `genome` into `KIND` or `KIND.PLACE`, or
    `remove:KIND:PLACE:NUMBER`."""
    action, into = data.get("action", ""), data.get("into", "")
    match action.split(":"):
        case ["add", type_, told] if (concept := number(told)) is not None:
            return builder.add(made, *_place(into), concept, type_)
        case ["genome"]:
            return builder.add_criterion(made, *_place(into), _genome(data))
        case ["remove", kind, first, second]:
            group, at = number(first), number(second)
            return made if group is None or at is None else builder.remove(made, kind, group, at)
        case ["clear"]:
            return dict(builder.EMPTY)
    return made
