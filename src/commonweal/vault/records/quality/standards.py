"""What records are held to, with the program's codes looked up in the vocabulary: quality.toml and imported tables.

Imported (`commonweal reference import KIND FILE`), each optional and each winning over quality.toml where both speak:
dqd_concept_thresholds, dqd_field_thresholds   the OHDSI Data Quality Dashboard's tables by concept and by field
unit_mapping   measurement_concept_id, unit_concept_id, set_unit_concept_id, transform_value_as_number
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from commonweal.protocol.quality import Quality
from commonweal.protocol.reference import ReferenceTable
from commonweal.vault.records.quality import thresholds
from commonweal.vault.records.quality.checks import Bound
from commonweal.vault.records.quality.scan import COUNTED

DRUGS, MEASUREMENTS = COUNTED


@dataclass
class Standards:
    """Keys are OMOP concept ids. A class is a bit: `names[table][i]` says what bit i of a concept of that table means."""

    limits: dict[tuple[str, str], float] = field(default_factory=dict)  # (table, check), or ("", check) for all
    bounds: dict[str, dict[str, Bound]] = field(default_factory=lambda: defaultdict(dict))  # table -> column
    values: dict[tuple[int, int], tuple[float | None, float | None]] = field(default_factory=dict)  # (measured, unit)
    units: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))  # in which a measurement is expected
    convertible: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    sexes: dict[int, int] = field(default_factory=dict)
    classes: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    names: dict[str, list[str]] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)  # drug classes and measurements that this vocabulary does not have
    sources: list[str] = field(default_factory=list)

    def limits_of(self, table: str) -> dict[str, float]:
        """Percent by check for one table."""
        general = {check: limit for (where, check), limit in self.limits.items() if not where}
        return general | {check: limit for (where, check), limit in self.limits.items() if where == table}


def standards(
    con: duckdb.DuckDBPyConnection, quality: Quality, reference: Mapping[str, ReferenceTable] | None = None
) -> Standards:
    """What `quality` and `reference` ask, with concepts from the views concept and concept_ancestor of `con`."""
    found = Standards(limits={("", check): limit for check, limit in quality.limits.items()})
    for one in quality.bounds:
        found.bounds[one.table][one.column] = Bound(one.low, one.high, one.limit)
    found.names = {DRUGS: [d.id for d in quality.drug_classes], MEASUREMENTS: [m.id for m in quality.measurements]}
    _drugs(con, quality, found)
    _measurements(con, quality, found)
    for kind, table in (reference or {}).items():
        if read := thresholds.KINDS.get(kind):
            read(table.rows, found)
            found.sources.append(f"{kind} {table.version}")
    return found


def _drugs(con: duckdb.DuckDBPyConnection, quality: Quality, found: Standards) -> None:
    """Each drug below an ATC class gets its bit."""
    below: dict[str, list[int]] = defaultdict(list)
    if codes := [one.atc for one in quality.drug_classes]:
        rows = con.execute(
            """SELECT c.concept_code, a.descendant_concept_id FROM concept AS c
            JOIN concept_ancestor AS a ON a.ancestor_concept_id = c.concept_id
            WHERE c.vocabulary_id = 'ATC' AND list_contains(?, c.concept_code)""",
            [codes],
        )
        for code, concept in rows.fetchall():
            below[code].append(concept)
    for bit, one in enumerate(quality.drug_classes):
        for concept in below[one.atc]:
            found.classes[concept] |= 1 << bit
        if not below[one.atc]:
            found.absent.append(one.id)


def _measurements(con: duckdb.DuckDBPyConnection, quality: Quality, found: Standards) -> None:
    """Each LOINC concept of a measurement gets its bit, its units, and its ranges."""
    wanted = {"UCUM": {r.unit for m in quality.measurements for r in m.ranges}}
    wanted["LOINC"] = {code for m in quality.measurements for code in m.loinc}
    known = _codes(con, wanted)
    for bit, one in enumerate(quality.measurements):
        concepts = [known["LOINC", code] for code in one.loinc if ("LOINC", code) in known]
        if not concepts:
            found.absent.append(one.id)
        ranges = [(known["UCUM", r.unit], r.low, r.high) for r in one.ranges if ("UCUM", r.unit) in known]
        for concept in concepts:
            found.classes[concept] |= 1 << bit
            for unit, low, high in ranges:
                found.values[concept, unit] = (low, high)
                found.units[concept].add(unit)


def _codes(con: duckdb.DuckDBPyConnection, wanted: dict[str, set[str]]) -> dict[tuple[str, str], int]:
    """Concept id by vocabulary and code."""
    rows = con.execute(
        """SELECT vocabulary_id, concept_code, min(concept_id) FROM concept
        WHERE list_contains(?, vocabulary_id) AND list_contains(?, concept_code) GROUP BY ALL""",
        [list(wanted), sorted(set().union(*wanted.values()))],
    )
    return {(vocabulary, code): concept for vocabulary, code, concept in rows.fetchall() if code in wanted[vocabulary]}
