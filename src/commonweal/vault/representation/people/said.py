"""What everybody said, as tokens of the rules: responses read batch by batch, each document once, by columns."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
from django.db import connection
from django.db.models import Max, Min

from commonweal.r4.answers_in_bulk import find_answers_to
from commonweal.vault import columns
from commonweal.vault.people.models import Participant
from commonweal.vault.records.tables.engine import quote
from commonweal.vault.representation.rules import Rule
from commonweal.vault.surveys.classifying import COUNTED
from commonweal.vault.surveys.models import SurveyResponse

SPAN = 20_000  # people whose documents are held at one time
_VALUE = """lower(coalesce(code, CASE WHEN number = floor(number) AND abs(number) < 1e15 THEN number::BIGINT::VARCHAR
    ELSE number::VARCHAR END, text))"""


def load_said(
    con: duckdb.DuckDBPyConnection,
    rules: Sequence[Rule],
    asking: dict[str, frozenset[str]],
    people: Collection[int] | None,
) -> None:
    """Make `responses` (response_id, participant_id, given_at, questionnaire) and `tokens` (response_id, rule, question, token).

    `people`: vault ids, all where it is None. Responses that do not count are in neither.
    """
    con.execute(
        "CREATE TABLE responses (response_id BIGINT, participant_id BIGINT, given_at TIMESTAMP, questionnaire VARCHAR)"
    )
    con.execute("CREATE TABLE tokens (response_id BIGINT, rule VARCHAR, question VARCHAR, token VARCHAR)")
    con.execute("CREATE TABLE means (rule VARCHAR, link VARCHAR, value VARCHAR, token VARCHAR)")
    known: set[tuple[str, str]] = set()
    questions = frozenset().union(*(rule.questions for rule in rules))
    queries = [_query(asking, where) for where in _spans(people)] if asking else []
    for rows in _ahead(queries):
        if rows.num_rows:
            _take(con, rows, rules, questions, known)


def _ahead(queries: Sequence[str]) -> Iterator[pa.Table]:
    """The rows of each query; the next one is read while these are worked on. Inside a transaction, which other threads do
    not see into, one after another."""
    if connection.in_atomic_block or len(queries) < 2:
        yield from map(columns.read, queries)
        return
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(columns.read, queries[0])
        for place in range(len(queries)):
            rows = following.result()
            if place + 1 < len(queries):
                following = reader.submit(columns.read, queries[place + 1])
            yield rows
        reader.submit(lambda: connection.close()).result()  # the one of that thread


def _spans(people: Collection[int] | None) -> Iterator[str]:
    if people is not None:
        wanted = sorted(people)
        for start in range(0, len(wanted), SPAN):
            yield f"participant_id IN ({', '.join(map(str, wanted[start : start + SPAN]))})"
        return
    ends = Participant.objects.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is not None:
        for first in range(ends["low"], ends["high"] + 1, SPAN):
            yield f"participant_id BETWEEN {first} AND {first + SPAN - 1}"


def _query(asking: dict[str, frozenset[str]], where: str) -> str:
    table = SurveyResponse._meta.db_table
    surveys = ", ".join(map(quote, sorted(asking)))
    return f"""SELECT id AS response_id, participant_id, event_time, questionnaire, document FROM {table} AS r
        WHERE {where} AND questionnaire IN ({surveys}) AND classification IN ({", ".join(f"'{c}'" for c in COUNTED)})
        AND NOT EXISTS (SELECT 1 FROM {table} AS later WHERE later.supersedes_id = r.id)"""


def _take(
    con: duckdb.DuckDBPyConnection,
    rows: pa.Table,
    rules: Sequence[Rule],
    questions: frozenset[str],
    known: set[tuple[str, str]],
) -> None:
    con.register("incoming", rows.set_column(2, "event_time", rows["event_time"].cast(pa.timestamp("us"))))
    con.execute("INSERT INTO responses SELECT response_id, participant_id, event_time, questionnaire FROM incoming")
    find_answers_to(con, "incoming", questions)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE given AS SELECT DISTINCT response_id, lower(link) AS link, {_VALUE} AS value FROM found"
    )
    con.unregister("incoming")
    new = set(con.execute("SELECT DISTINCT link, value FROM given WHERE value IS NOT NULL").fetchall()) - known
    known |= new
    meant = [
        (rule.id, link, value, token)
        for link, value in new
        for rule in rules
        if link in rule.questions and (token := rule.token(link, value)) is not None
    ]
    if meant:
        names = ("rule", "link", "value", "token")
        con.register(
            "meant", pa.table({name: list(part) for name, part in zip(names, zip(*meant, strict=True), strict=True)})
        )
        con.execute("INSERT INTO means FROM meant")
        con.unregister("meant")
    con.execute("INSERT INTO tokens SELECT response_id, rule, link, token FROM given JOIN means USING (link, value)")
