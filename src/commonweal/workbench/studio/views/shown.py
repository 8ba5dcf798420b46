"""What the cohort page shows of a definition and of its answer."""

from typing import Any

import orjson
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commonweal.commons.cohort import words
from commonweal.commons.cohort.definition import parse
from commonweal.commons.cohort.genome import ANCESTRY, PREDICTED
from commonweal.commons.release import Release
from commonweal.genomics.ancestry import ANCESTRIES
from commonweal.workbench.studio import builder, choices
from commonweal.workbench.studio.labels import label, with_capital


def last_day(release: Release) -> str:
    """The day on which the page asks ages: the last that the release speaks of."""
    return str(release.manifest.get("last_day") or release.manifest.get("data_cutoff") or "2025-01-01")


def text(definition: dict[str, Any]) -> str:
    return orjson.dumps(definition, option=orjson.OPT_INDENT_2).decode()


def page(release: Release, made: dict[str, Any], answer: dict[str, Any] | None) -> dict[str, Any]:
    """Groups with their criteria in words and fields, the person card, and the answer as a funnel."""
    parsed = parse(made)
    told = words.by_group(parsed, release.vocabulary.names(words.concepts(parsed)), (get_language() or "en")[:2])
    sections = [
        {"kind": kind, "groups": [_group(kind, g, told[kind][g["place"]]) for g in builder.groups(made, kind)]}
        for kind in builder.KINDS
    ]
    return {
        "release": release,
        "choice": f"{release.name}/{release.tier}",
        "sections": sections,
        "places": _places(sections),
        "person": _person(release, made),
        "genome": _genome(release),
        "last_day": last_day(release),
        "funnel": _funnel(answer),
        "count": answer["attrition"][-1] if answer else None,
        "of": answer["attrition"][0] if answer else None,
        "few": release.policy.min_cell,
        "sql": answer["sql"] if answer else "",
        "sha256": answer["sha256"] if answer else "",
    }


def _group(kind: str, group: dict[str, Any], told: list[str]) -> dict[str, Any]:
    criteria = []
    for number, criterion in enumerate(group["any"]):
        prefix = f"{kind}.{group['place']}.{number}"
        event = criterion["type"] in builder.WITH_FIELDS
        criteria.append(
            {
                "prefix": prefix,
                "id": prefix.replace(".", "-"),
                "remove": f"remove:{kind}:{group['place']}:{number}",
                "words": told[number],
                "event": event,
                "numeric": criterion["type"] in builder.WITH_NUMBERS,
                "conceptual": event and criterion["type"] != "wearable",
                "descendants": criterion.get("descendants", True),
                "limited": bool(set(criterion) - {"type", "concepts", "signal"}),
                "given": criterion,
                "from": (criterion.get("start") or {}).get("from"),
            }
        )
    return {"place": group["place"], "criteria": criteria}


def _places(sections: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Where a new criterion can go: (value, words)."""
    new = {"include": _("must have"), "exclude": _("must not have")}
    old = {"include": _("must have: or, in group %(n)s"), "exclude": _("must not have: or, in group %(n)s")}
    places = [(kind, new[kind]) for kind in builder.KINDS]
    for section in sections:
        for number, group in enumerate(section["groups"], 1):
            places.append((f"{section['kind']}.{group['place']}", old[section["kind"]] % {"n": number}))
    return places


def _person(release: Release, made: dict[str, Any]) -> dict[str, Any]:
    own = builder.person(made)
    titles = {"sex_at_birth": _("Sex at birth"), "race": _("Race"), "ethnicity": _("Ethnicity")}
    asked = [
        {
            "key": key,
            "title": titles[key],
            "options": [
                {"id": i, "name": label(str(i), _option(name)), "chosen": i in own.get(key, [])}
                for i, name in choices.of_people(release)[key]
            ],
        }
        for key in titles
    ]
    kinds = {"ehr": _("Health records"), "surveys": _("Surveys"), "measurements": _("Measurements")}
    kinds["wearables"] = _("Wearable devices")
    tables = {"ehr": "condition_occurrence", "surveys": "survey_conduct", "measurements": "measurement"}
    tables["wearables"] = "activity_summary"
    has = [
        {"kind": kind, "name": kinds[kind], "chosen": kind in own.get("has", [])}
        for kind, table in tables.items()
        if release.has(table)
    ]
    genotyped = {"array": _("Genotyping arrays"), "wgs": _("Whole genome sequences")}
    has += [
        {"kind": kind, "name": genotyped[kind], "chosen": kind in own.get("has", [])}
        for kind in release.call_sets.kinds
    ]
    return {"asked": asked, "has": has, "age": own.get("age_at") or {}, "any": bool(own)}


def _genome(release: Release) -> dict[str, Any]:
    """What can be asked of the genome here: ancestries, and whether variants; nothing, in most tiers."""
    language = (get_language() or "en")[:2]
    told = release.has(ANCESTRY, PREDICTED)
    labels = [(one, words.phrase(language, f"ancestry_{one}")) for one in ANCESTRIES] if told else []
    return {
        "ancestries": [(one, with_capital(name)) for one, name in labels],
        "variants": bool(release.call_sets.kinds),
        "genotypes": [
            ("0/0", _("no copy of the alternate allele"), False),
            ("0/1", _("one copy"), True),
            ("1/1", _("two copies"), True),
        ],
    }


def _option(name: str) -> str:
    return name.capitalize() if name.isupper() else name


def _funnel(answer: dict[str, Any] | None) -> list[dict[str, Any]]:
    steps = answer["attrition"] if answer else []
    return [
        {"label": s["step"], "value": s["persons"], "suppressed": s["suppressed"], "first": n == 0}
        for n, s in enumerate(steps)
    ]
