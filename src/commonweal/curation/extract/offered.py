"""Which answers the closed questions of each form offer: what was answered beside them is an invalid answer."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import duckdb
import orjson
import pyarrow as pa

from commonweal.home import Home
from commonweal.r4.questionnaire import Questionnaire

if TYPE_CHECKING:
    from commonweal.protocol import Survey

_SCHEMA = pa.schema(
    [("questionnaire", pa.string()), ("version", pa.string()), ("link", pa.string()), ("code", pa.string())]
)


def load_offered(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Make `offered(questionnaire, version, link, code)` for the forms of `responses`; link and code in lower case.

    A choice whose options the form does not list (a value set that it only names) is not closed, and not in it.
    """
    wanted = set(con.execute("SELECT DISTINCT questionnaire, version FROM responses").fetchall())
    rows = [
        (code, version, link, option) for code, version, form in forms(home, wanted) for link, option in _options(form)
    ]
    columns = zip(*rows, strict=True) if rows else ([], [], [], [])
    con.register("incoming", pa.table([pa.array(c, pa.string()) for c in columns], schema=_SCHEMA))
    con.execute("CREATE OR REPLACE TEMP TABLE offered AS SELECT DISTINCT * FROM incoming")
    con.unregister("incoming")


def forms(home: Home, wanted: set[tuple[str, str]]) -> Iterator[tuple[str, str, Questionnaire]]:
    """The program's own forms and those registered; one that cannot be read (an import of old) offers nothing."""
    from commonweal import protocol as protocols
    from commonweal.vault import columns

    own: dict[tuple[str, str], Survey] = {
        (s.code, s.version): s for s in protocols.load(home.protocol).surveys.values() if (s.code, s.version) in wanted
    }
    for (code, version), survey in own.items():
        yield code, version, survey.questionnaire
    kept = columns.read("SELECT code, version, document FROM surveys_form ORDER BY id").to_pylist()
    for form in kept:
        if (place := (form["code"], form["version"])) in wanted - own.keys():
            try:
                yield (*place, Questionnaire(orjson.loads(form["document"])))
            except ValueError:
                continue


def _options(form: Questionnaire) -> Iterable[tuple[str, str]]:
    for item in form.items.values():
        if item.type == "choice":
            for option in item.options:
                if option.key == "valueCoding":
                    yield item.link_id.lower(), option.code.lower()
