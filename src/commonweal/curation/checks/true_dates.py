"""Are the days of a release its people's true days, each moved by their own shift, and nothing else.

Of everybody the first and the last day of each table is looked at. Of people of one part (parts.py), another one in each
release, every day is: it must be a true day of that person in that table. In a small program that is everybody.
"""

from pathlib import Path

import pyarrow as pa

from commonweal.curation import parts
from commonweal.curation.checks import scan
from commonweal.curation.checks.base import Subject
from commonweal.curation.side_by_side import each
from commonweal.omop.tables import Table

ROWS = 500_000  # of a table, about: more tell no more


def true_dates(subject: Subject, spec: Table) -> int:
    """People with days in a table that are not theirs: outside their true ones, or, where all are looked at, none of them."""
    day, folder = scan.main_day(spec), (subject.raw or Path("/nowhere")) / spec.name
    if day is None or not folder.is_dir() or spec.named("research_id") == () or not subject.seen[spec.name].rows:
        return 0
    return _outside(subject, spec, day, folder) + _none_of_them(subject, spec, day, folder)


def _shift(subject: Subject) -> str:
    return "x.shift::INTEGER" if subject.rules.shifted else "0"


def _outside(subject: Subject, spec: Table, day: str, folder: Path) -> int:
    """People whose first or last day lies outside their true ones, moved back by their shift."""
    con, shift = subject.con, _shift(subject)
    first_and_last = f"SELECT person_id AS participant, min({day})::DATE AS a, max({day})::DATE AS b"
    told = each(con, parts.number(folder, subject.tier), lambda own, part: own.execute(
        f"{first_and_last} FROM {_rows(subject, folder, part)} GROUP BY 1"
    ).to_arrow_table())  # fmt: skip
    con.register("true_ends", pa.concat_tables(told))
    found = subject.number(f"""
    WITH own AS (SELECT person_id, min(first_day) AS a, max(last_day) AS b FROM people_{spec.name} GROUP BY 1)
    SELECT count(*) FROM own JOIN xw x ON x.research_id = own.person_id LEFT JOIN true_ends d USING (participant)
    WHERE own.a IS NOT NULL AND NOT coalesce(own.a + {shift} >= d.a AND own.b + {shift} <= d.b, false)""")
    con.unregister("true_ends")
    return found


def _none_of_them(subject: Subject, spec: Table, day: str, folder: Path) -> int:
    """People of one part who have a day that is none of their true ones. Their research ids are neighbours: little else is read."""
    # releases follow one another, and each ends on another day: another part is looked at whole
    con, part = subject.con, _rows(subject, folder, subject.last_day.toordinal() % parts.number(folder, subject.tier))
    told = f"SELECT x.research_id AS person_id, r.{day}::DATE - {_shift(subject)} AS day FROM {part} r JOIN xw x ON x.participant = r.person_id"
    ids = f"SELECT count(*), min(research_id), max(research_id) FROM {part} r JOIN xw x ON x.participant = r.person_id"
    rows, least, most = con.execute(ids).fetchall()[0]
    if not rows:
        return 0
    most = least + int((most - least) * min(1.0, ROWS / rows))
    con.execute(f"CREATE OR REPLACE TEMP TABLE true_days AS {told} WHERE x.research_id <= {most}")
    return subject.number(f"""
    SELECT count(DISTINCT person_id) FROM (
      SELECT person_id, {day}::DATE AS day FROM rel_{spec.name}
      WHERE {day} IS NOT NULL AND person_id BETWEEN {least} AND {most})
    ANTI JOIN true_days USING (person_id, day)""")


def _rows(subject: Subject, folder: Path, part: int) -> str:
    """SQL of the raw rows of one part."""
    return parts.source(parts.files(folder, subject.tier, part))
