"""The details of patients and participants weighed against each other by Splink, with the weights of the protocol.

Nothing is learned from the people at hand: the same pair comes out the same whoever else is in the submission.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.protocol.matching import Matching
from commonweal.vault.records.matching.verdicts import bits

_MACROS = (Path(__file__).parent / "comparisons.sql").read_text(encoding="utf-8")
_PAIRS = "pairs_to_score"
_NO_PAIRS = pa.table({"patient": pa.array([], pa.int64()), "participant": pa.array([], pa.int64())})
_LEFT, _RIGHT = "a_patients", "b_participants"  # in the order of the alphabet, in which Splink puts the two sides


def _both(column: str) -> str:
    return f"list_has_any({column}_l, {column}_r)"


def _known(*columns: str) -> str:
    """Not told by one of the sides."""
    return " OR ".join(f"len({column}_{side}) = 0" for column in columns for side in "lr")


_SWAPPED = """(list_has_any(given_first_l, surnames_r) OR list_has_any(given_full_l, families_r))
    AND (list_has_any(surnames_l, given_first_r) OR list_has_any(families_l, given_full_r))"""

# (not told by one side, level -> condition); the levels are those of the protocol, `other` is all that is left.
CONDITIONS: dict[str, tuple[str, dict[str, str]]] = {
    "given": (
        _known("given_first"),
        {
            "same": "list_has_any(given_full_l, given_forms_r) OR list_has_any(given_forms_l, given_full_r)",
            "nickname": f"{_both('nicknames')} AND NOT {_both('given_first')}",
            "first": _both("given_first"),
            "middle": "list_has_any(given_later_l, given_first_r) OR list_has_any(given_first_l, given_later_r)",
            "swapped": _SWAPPED,
            "similar": "cw_any_slip(given_first_l, given_first_r)",
            "initial": "cw_initial(given_first_l, given_first_r)",
        },
    ),
    "family": (
        _known("families"),
        {
            "same": _both("families"),
            "part": _both("surnames"),
            "former": "list_has_any(former_l, families_r || surnames_r) OR list_has_any(families_l || surnames_l, former_r)",
            "swapped": _SWAPPED,
            "similar": "cw_any_slip(families_l, families_r) OR cw_any_slip(surnames_l, surnames_r)",
        },
    ),
    "birth": (
        "born_l IS NULL OR born_r IS NULL",
        {
            "same": "born_l = born_r",
            "swapped": "born_l = cw_turned(born_r)",
            "slip": "damerau_levenshtein(born_l, born_r) <= 1",
            "year": "cw_year(born_l, born_r)",
        },
    ),
    "sex": ("sex_l IS NULL OR sex_r IS NULL", {"same": "sex_l = sex_r"}),
    "phone": (_known("phones"), {"same": _both("phones"), "similar": "cw_one_off(phones_l, phones_r)"}),
    "email": (_known("emails"), {"same": _both("emails"), "similar": "cw_one_off(emails_l, emails_r)"}),
    "address": (
        f"({_known('addresses')}) AND ({_known('zips')}) AND ({_known('cities')})",
        {"same": _both("addresses"), "near": _both("houses"), "zip": _both("zips"), "city": _both("cities")},
    ),
    "record_number": (_known("record_numbers"), {"same": _both("record_numbers")}),
}
UNKNOWN = "unknown"  # the level of what one side does not tell


_ANSWER = "SELECT unique_id_l AS patient, unique_id_r AS participant, match_weight AS weight, {levels} FROM {table} ORDER BY ALL"


def score(
    con: duckdb.DuckDBPyConnection,
    patients: pa.Table,
    participants: pa.Table,
    pairs: pa.Table,
    matching: Matching,
    one_in: float,
) -> pa.Table:
    """patient, participant, weight (bits, odds of a random pair included), and each comparison's level by name.

    Pairs that are less than a near miss are left out.
    `patients` and `participants`: rows of `features`; `pairs`: patient, participant. One of `one_in` pairs is one person.
    """
    wanted = orjson.dumps([settings(matching, one_in), bits(matching.near_miss)])
    statements, table = _compiled(wanted, participants.schema)
    levels = ", ".join(_level_name(name, matching) for name, _ in matching.comparisons())
    given = {_LEFT: patients, _RIGHT: participants, _PAIRS: _keyed(pairs)}
    for name, rows in given.items():
        con.register(name, rows)
    try:
        con.execute(_MACROS + ";".join(statements))
        return con.execute(_ANSWER.format(levels=levels, table=table)).to_arrow_table()
    finally:
        con.execute(";".join(sql for sql in statements if sql.startswith("DROP")))
        for name in given:
            con.unregister(name)


def _keyed(pairs: pa.Table) -> pa.Table:
    """Pairs as Splink takes them."""
    sides = ((f"{_LEFT}-__-", "patient"), (f"{_RIGHT}-__-", "participant"))
    keys = [pc.binary_join_element_wise(name, pairs[who].cast(pa.string()), "") for name, who in sides]
    match = pa.repeat("0", pairs.num_rows)
    return pa.table([match, *keys], names=["match_key", "join_key_l", "join_key_r"])


@lru_cache(maxsize=8)
def _compiled(wanted: bytes, schema: pa.Schema) -> tuple[list[str], str]:
    """The SQL that Splink makes of a model (settings and lowest weight as JSON), and the table in which its answer is.

    It takes Splink longer to make it than DuckDB to run it for a few patients; what it says depends on the protocol alone.
    """
    from splink import DuckDBAPI, Linker  # takes half a second, which a submission without doubt does not need

    ran: list[str] = []

    class Telling(DuckDBAPI):  # type: ignore[misc]
        def _execute_sql_against_backend(self, final_sql: str) -> Any:
            ran.append(final_sql)
            return super()._execute_sql_against_backend(final_sql)

    model, threshold = orjson.loads(wanted)
    with duckdb.connect() as con:
        con.execute(_MACROS)
        api = Telling(con)
        for name, rows in ((_LEFT, schema), (_RIGHT, schema), (_PAIRS, _keyed(_NO_PAIRS).schema)):
            con.register(name, rows.empty_table())
        sides = [api.register(name, table_name=name) for name in (_LEFT, _RIGHT)]
        linker = Linker(sides, model, validate_settings=False, log_level=None)
        linker.table_management.register_blocked_pairs_for_predict(api.register(_PAIRS, table_name=_PAIRS))
        ran.clear()
        predicted = linker.inference.predict(threshold_match_weight=threshold)
        return [sql for sql in ran if sql.startswith(("DROP", "CREATE"))], predicted.physical_name


def settings(matching: Matching, one_in: float) -> dict[str, Any]:
    """The model as Splink takes it."""
    return {
        "link_type": "link_only",
        "probability_two_random_records_match": 1 / one_in,
        "comparisons": [_comparison(name, matching) for name, _ in matching.comparisons()],
        "blocking_rules_to_generate_predictions": ["l.unique_id = r.unique_id"],  # not used: pairs are given
        "retain_matching_columns": True,  # else Splink does not tell the levels
        "retain_intermediate_calculation_columns": False,
    }


def _comparison(name: str, matching: Matching) -> dict[str, Any]:
    unknown, conditions = CONDITIONS[name]
    levels: list[dict[str, Any]] = [{"sql_condition": unknown, "label_for_charts": UNKNOWN, "is_null_level": True}]
    for level, shares in getattr(matching, name).levels():
        condition = conditions.get(level, "ELSE")
        odds = {"m_probability": shares.m, "u_probability": shares.u}
        levels.append({"sql_condition": condition, "label_for_charts": level} | odds)
    return {"output_column_name": name, "comparison_levels": levels}


def _level_name(name: str, matching: Matching) -> str:
    """SQL: the number that Splink gives a level (the last one is 0, what is not known -1) as the level's name."""
    names = [level for level, _ in getattr(matching, name).levels()]
    cases = " ".join(f"WHEN {len(names) - 1 - n} THEN '{level}'" for n, level in enumerate(names))
    return f"CASE gamma_{name} {cases} ELSE '{UNKNOWN}' END AS {name}"
