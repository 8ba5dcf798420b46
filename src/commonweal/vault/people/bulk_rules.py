"""Which people the bulk door can take: pure checks over a whole table, with a reason for each refusal."""

from collections.abc import Collection, Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from commonweal import duck
from commonweal.vault.people.facts import LONGEST, SEXES

COLUMNS = {
    "external_id": pa.string(),
    "given_name": pa.string(),
    "family_name": pa.string(),
    "birth_date": pa.date32(),
    "sex_at_birth": pa.string(),
    "email": pa.string(),
    "phone": pa.string(),
    "address_line": pa.string(),
    "city": pa.string(),
    "state": pa.string(),
    "zip": pa.string(),
    "language": pa.string(),
    "site": pa.string(),
    "mrn": pa.string(),
    "registered_at": pa.timestamp("us", tz="UTC"),
    "is_test": pa.bool_(),
}
NEEDED = ("external_id", "given_name", "family_name")

_REASONS = [
    *((f"{name} = ''", f"{name}: empty") for name in NEEDED),
    ("birth_date IS NULL", "birth_date: empty"),
    ("birth_date > received::DATE", "birth_date: in the future"),
    ("registered_at IS NULL", "registered_at: empty"),
    ("registered_at > received", "registered_at: in the future"),
    (f"sex_at_birth NOT IN {SEXES}", "sex_at_birth: not one of " + ", ".join(SEXES)),
    ("language NOT IN ('en', 'es')", "language: not one of en, es"),
    ("NOT regexp_full_match(state, '([A-Z]{2})?')", "state: not a two-letter code"),
    ("NOT regexp_full_match(zip, '(\\d{5}(-\\d{4})?)?')", "zip: not five digits, or nine with a hyphen"),
    ("email <> '' AND NOT regexp_full_match(email, '[^\\s@]+@[^\\s@]+')", "email: not an e-mail address"),
    *(
        (f"length({name}) > {longest}", f"{name}: longer than {longest} characters")
        for name, longest in LONGEST.items()
    ),
    ("sites IS NOT NULL AND site <> '' AND NOT list_contains(sites, site)", "site: not a site of this program"),
    ("site = '' AND mrn <> ''", "mrn: a record number without a site"),
]


def checked(people: pa.Table, sites: Collection[str] | None, received_time: datetime) -> pa.Table:
    """The same rows, cleaned of blanks at the ends, with `row` (from 0) and `reason` (null where a row can be taken)."""
    rows = pa.table([people[name].cast(kind) for name, kind in COLUMNS.items()], names=list(COLUMNS))
    for place, (name, kind) in enumerate(COLUMNS.items()):
        if kind == pa.string():
            rows = rows.set_column(place, name, pc.utf8_trim_whitespace(pc.fill_null(rows[name], "")))
    rows = rows.set_column(rows.column_names.index("is_test"), "is_test", pc.fill_null(rows["is_test"], False))
    cases = " ".join(f"WHEN {wrong} THEN '{reason}'" for wrong, reason in _REASONS)
    with duck.passing() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.register("people", rows)
        query = f"SELECT CASE {cases} END AS reason FROM people, (SELECT $received::TIMESTAMPTZ AS received, $sites::VARCHAR[] AS sites)"
        known = None if sites is None else list(sites)
        reason = con.execute(query, {"received": received_time, "sites": known}).to_arrow_table()["reason"]
    row = pa.array(range(rows.num_rows), pa.int64())
    return rows.append_column("row", row).append_column("reason", reason.cast(pa.string()))


def turns(rows: pa.Table) -> Iterator[pa.Table]:
    """The rows in parts in which each external_id occurs once: first occurrences, then second ones, and so on."""
    seen: dict[str, int] = {}
    turn = []
    for one in rows["external_id"].to_pylist():
        seen[one] = turn_of_one = seen.get(one, 0) + 1
        turn.append(turn_of_one)
    turn_of = pa.array(turn, pa.int64())
    for number in range(1, max(turn, default=0) + 1):
        yield rows.filter(pc.equal(turn_of, number))
