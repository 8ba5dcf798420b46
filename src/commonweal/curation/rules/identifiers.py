"""Whoever is in the release is known by the tier's own research id, and rows by numbers of the release."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables

LINKS = {
    "visit_occurrence_id": "visit_occurrence",
    "visit_detail_id": "visit_detail",
    "observation_event_id": "survey_conduct",
}


def _indirect(rows: Rows) -> Rows:
    return rows.change({name: rows.nothing(name) for name in rows.spec.named("indirect")})


def _sources(rows: Rows) -> Rows:
    cells = {}
    for name in rows.spec.named("source"):
        known = [(site, masked) for site, masked in sorted(rows.facts.sites.items())]
        cells[name] = ibis.cases(*((rows.table[name] == s, m) for s, m in known)) if known else rows.nothing(name)
    return rows.change(cells)


def _links(rows: Rows) -> Rows:
    """Row ids that refer to another table: only those that the engine renumbers stay."""
    own = rows.spec.columns[0].name
    loose = [name for name in rows.spec.named("row_id") if name != own and name not in LINKS]
    return rows.change({name: rows.nothing(name) for name in loose})


def _parts(rows: Rows) -> Rows:
    """A part of a visit stands only with its visit, which a rule may have removed by then."""
    return rows.remove(rows.table.p_visit.isnull())


def _devices(rows: Rows) -> Rows:
    return rows.change({name: rows.table.p_device for name in rows.spec.named("device_id")})


def _persons(rows: Rows) -> Rows:
    return rows.change({name: rows.table.p_research_id for name in rows.spec.named("research_id")})


RULES = (
    Rule(
        "identifiers.indirect",
        1,
        "Reference 2, IDFieldSuppression",
        "Providers, care sites and locations are emptied.",
        _indirect,
        reason="Whom somebody saw, and where, narrows down who it is.",
    ),
    Rule(
        "identifiers.sources",
        1,
        "Reference 1, _ext tables",
        "Sites are named by masked names.",
        _sources,
        reason="A site tells where somebody lives; the same site under one masked name lets research allow for it.",
        once=True,
        others="sites and sources are numbered anew when one of them comes or goes",
    ),
    Rule(
        "identifiers.links",
        1,
        "House: identifiers",
        "References to rows that the release does not hold are emptied.",
        _links,
        reason="A number that leads nowhere is one of the source.",
    ),
    Rule(
        "identifiers.parts",
        1,
        "OMOP CDM 5.4: visit_detail requires its visit",
        "Parts of visits that are not released go.",
        _parts,
        tables("visit_detail"),
        reason="A part without its whole cannot be dated or placed.",
    ),
    Rule(
        "identifiers.devices",
        1,
        "Reference 2, GenerateResearchDeviceIds and DeidFitbitDeviceId",
        "A device is known by a random id of its own, the same in every release.",
        _devices,
        tables("device"),
        reason="The number of a device is known to its maker, who knows its owner.",
        once=True,
        others="devices are numbered in an order that depends on all of them",
    ),
    Rule(
        "identifiers.persons",
        1,
        "Reference 2, RtCtPIDtoRID",
        "person_id becomes the tier's own random research id.",
        _persons,
        reason="The program's own number is known to staff; a number of its own for each tier cannot be joined with another tier.",
        once=True,
    ),
)
