"""What the program says of its surveys, as tables that findings read beside the raw ones.

`own_surveys(code)`, `zip3(zip3)`, `known_forms(questionnaire, version, form)`; `branch_tests(question, operator, kind, value,
skips, word, bit)`: each test has a bit of its own in one of several words; `branch_clauses(child, form, met_0…, unmet_0…)`: the bits
of its tests, word by word. Form 0 stands for all that are not known. Codes are in small letters.
"""

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from commonweal.curation.extract.offered import forms
from commonweal.curation.findings.surveys.clauses import Clause, Test, of_form, of_table
from commonweal.home import Home

WIDTH = 60  # tests in a word of 64 bits


def load(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Make the tables, of the forms that responses in the raw tables answer, and of what was brought in as reference."""
    from commonweal import protocol as protocols

    program = protocols.load(home.protocol)
    asked = "SELECT DISTINCT survey_source_value, survey_version_number FROM in_survey_conduct WHERE _source = 'PPI'"
    found = sorted(forms(home, set(con.execute(asked).fetchall())), key=lambda form: form[:2])
    clauses = [clause for form in found for clause in of_form(*form)]
    branching, zip3 = program.reference.get("branching"), program.reference.get("zip3")
    clauses += of_table(branching.rows) if branching else ()
    put(con, [form[:2] for form in found], clauses)
    put_lists(con, program.surveys, [row["zip3"] for row in zip3.rows] if zip3 else [])


def put_lists(con: duckdb.DuckDBPyConnection, own: Iterable[str], zip3: Iterable[str]) -> None:
    con.execute(
        "CREATE OR REPLACE TABLE own_surveys AS SELECT unnest(?::VARCHAR[]) AS code", [[c.lower() for c in own]]
    )
    con.execute("CREATE OR REPLACE TABLE zip3 AS SELECT unnest(?::VARCHAR[]) AS zip3", [list(zip3)])


def put(con: duckdb.DuckDBPyConnection, known: Sequence[tuple[str, str]], clauses: Sequence[Clause]) -> None:
    """Make `known_forms`, `branch_tests` and `branch_clauses`."""
    numbers = {form: number for number, form in enumerate(known, 1)}
    tests = {test: n for n, test in enumerate(sorted({t for c in clauses for t in (*c.met, *c.unmet)}))}
    _table(con, "known_forms", {"questionnaire": pa.string(), "version": pa.string(), "form": pa.int32()},
           [(*form, number) for form, number in numbers.items()])  # fmt: skip
    _table(con, "branch_tests", _TESTS, [_test(test, n) for test, n in tests.items()])
    words = range(max(1, -(-len(tests) // WIDTH)))
    columns = {f"{side}_{word}": pa.int64() for side in ("met", "unmet") for word in words}
    rows = {
        (c.child, numbers[c.form] if c.form else 0, *_bits(c.met, tests, words), *_bits(c.unmet, tests, words))
        for c in clauses
    }
    _table(con, "branch_clauses", {"child": pa.string(), "form": pa.int32()} | columns, sorted(rows))


_TESTS = dict.fromkeys(("question", "operator", "kind", "value"), pa.string()) | {
    "skips": pa.bool_(),
    "word": pa.int32(),
    "bit": pa.int64(),
}


def _test(test: Test, number: int) -> tuple[object, ...]:
    word, place = divmod(number, WIDTH)
    return test.question, test.operator, test.kind, test.value, test.skips, word, 1 << place


def _bits(some: Iterable[Test], tests: dict[Test, int], words: range) -> list[int]:
    places = [divmod(tests[test], WIDTH) for test in some]
    return [sum({1 << place for at, place in places if at == word}) for word in words]


def _table(
    con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, pa.DataType], rows: Sequence[tuple[object, ...]]
) -> None:
    fields = zip(*rows, strict=True) if rows else ([] for _ in columns)
    data = {key: pa.array(values, kind) for (key, kind), values in zip(columns.items(), fields, strict=True)}
    con.register("incoming", pa.table(data))
    con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
    con.unregister("incoming")
