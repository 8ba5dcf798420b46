"""One statement for each table that says of every row of a block whether it can be used, and why not.

The first fault counts: `fault` takes the row away, `noted` is what was put right or left empty. Both are `code:column`.
A row is `kept` where its person is a participant who shares their records; else its fate is that of its person.
"""

from datetime import date, timedelta

import pyarrow as pa

from commonweal.omop.submission import Column, Table
from commonweal.vault.records.tables.header import is_vital
from commonweal.vault.records.tables.typed import is_sure, value

FIRST_YEAR = 1900
KEPT, REJECTED, UNMATCHED, NOT_SHARING = "kept", "rejected", "unmatched", "no_authorisation"
_BAD = {"integer": "not_a_number", "float": "not_a_number", "date": "not_a_date", "datetime": "not_a_date"}


def judged(table: Table, came: pa.Schema, received: date) -> str:
    """SELECT over `block`, and `whose` (person_id, state), for the rows of one table, that were received on that day.

    Gives _line, status, fault, noted, and all columns of the table that are kept.
    """
    types = {f.name: f.type for f in came}
    columns = table.kept
    made = ", ".join(f"{value(_raw(c), types.get(c.name), c.type)} AS {_typed(c)}" for c in columns)
    faults = _case(_faults(table, types, received))
    notes = _case(_notes(table, types))
    chosen = ", ".join(f"{_final(c, table)} AS {c.name}" for c in columns)
    return f"""SELECT _line, CASE WHEN fault IS NULL THEN state ELSE '{REJECTED}' END AS status, fault,
        CASE WHEN fault IS NULL THEN noted END AS noted, {chosen}
        FROM (SELECT *, {faults} AS fault, {notes} AS noted FROM (SELECT block.*, {made} FROM block)
              LEFT JOIN (SELECT person_id AS whose_id, state FROM whose) ON whose_id = t_person_id)"""


def plain(table: Table, came: pa.Schema, received: date) -> str:
    """As `judged`, for the tables of who a person is, without asking whose the row is: _line, fault, columns."""
    types = {f.name: f.type for f in came}
    made = ", ".join(f"{value(_raw(c), types.get(c.name), c.type)} AS {_typed(c)}" for c in table.kept)
    faults = _case([*_unusable(table, types), *_implausible(table, received)])
    chosen = ", ".join(f"{_typed(c)} AS {c.name}" for c in table.kept)
    return f"SELECT _line, {faults} AS fault, {chosen} FROM (SELECT block.*, {made} FROM block)"


def _raw(column: Column) -> str:
    return f'block."{column.name}"'


def _typed(column: Column) -> str:
    return f"t_{column.name}"


def _may_be_bad(column: Column, types: dict[str, pa.DataType]) -> bool:
    return column.type in _BAD and column.name in types and not is_sure(types[column.name], column.type)


def _is_bad(column: Column) -> str:
    return f'"{column.name}" IS NOT NULL AND {_typed(column)} IS NULL'


def _case(rules: list[tuple[str, str]]) -> str:
    """The first rule that holds, as `code:column`."""
    return "CASE " + " ".join(f"WHEN {when} THEN '{what}'" for when, what in rules) + " END" if rules else "NULL"


def _unusable(table: Table, types: dict[str, pa.DataType]) -> list[tuple[str, str]]:
    """What every row needs is missing, or is not what it should be."""
    rules = []
    for column in table.kept:
        if is_vital(column, table):
            if _may_be_bad(column, types):
                rules.append((_is_bad(column), f"{_BAD[column.type]}:{column.name}"))
            rules.append((f"{_typed(column)} IS NULL", f"empty:{column.name}"))
    return rules


def _faults(table: Table, types: dict[str, pa.DataType], received: date) -> list[tuple[str, str]]:
    whose = [
        ("whose_id IS NULL", "person_not_known:person_id"),
        ("state = 'person_not_usable'", "person_not_usable:person_id"),
    ]
    return [*_unusable(table, types), *_implausible(table, received), *whose]


def _implausible(table: Table, received: date) -> list[tuple[str, str]]:
    """A day that cannot be: after the submission (a day is left for time zones), or before 1900."""
    if table.name == "person":
        born = "t_year_of_birth"
        return [
            (f"{born} > {received.year}", "birth_in_the_future:year_of_birth"),
            (f"t_birth_datetime > DATE '{received}' + 1", "birth_in_the_future:birth_datetime"),
            (f"{born} < {FIRST_YEAR}", "born_too_long_ago:year_of_birth"),
        ]
    if not table.start:
        return []
    start, last = _typed(table.start), received + timedelta(days=1)
    return [
        (f"{start} > DATE '{last}'", f"in_the_future:{table.start.name}"),
        (f"{start} < DATE '{FIRST_YEAR}-01-01'", f"too_long_ago:{table.start.name}"),
    ]


def _notes(table: Table, types: dict[str, pa.DataType]) -> list[tuple[str, str]]:
    rules = [
        (_is_bad(c), f"value_{_BAD[c.type]}:{c.name}")
        for c in table.kept
        if _may_be_bad(c, types) and not is_vital(c, table)
    ]
    if table.end and table.start:
        rules.append((f"{_typed(table.end)} < {_typed(table.start)}", f"ends_before_start:{table.end.name}"))
        if table.end.required and table.end.name in types:
            rules.append((f"{_typed(table.end)} IS NULL", f"end_empty:{table.end.name}"))
    rules += [
        (f"{_typed(c)} IS NULL", f"concept_empty:{c.name}")
        for c in table.kept
        if c.is_concept and c.required and c.name in types
    ]
    return rules


def _final(column: Column, table: Table) -> str:
    """The value that is stored."""
    typed = _typed(column)
    if column.is_concept and column.required:
        return f"coalesce({typed}, 0)"
    if column in table.references:
        return f"nullif({typed}, 0)"  # how many exports write that there is none
    start, end = table.start, table.end
    if not start or not end:
        return typed
    if column == end:
        otherwise = _typed(start) if end.required else "NULL"
        return f"CASE WHEN {typed} >= {_typed(start)} THEN {typed} ELSE {otherwise} END"
    if column.type == "datetime" and column.name == end.name.replace("_date", "_datetime"):
        late = f"{typed}::DATE >= {_typed(start)} AND coalesce({_typed(end)} >= {_typed(start)}, true)"
        return f"CASE WHEN {late} THEN {typed} END"
    return typed
