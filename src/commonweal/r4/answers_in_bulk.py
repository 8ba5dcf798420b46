"""Answers out of QuestionnaireResponse documents, by the thousand, in SQL: no document is touched by Python.

Items nest in items and in answers (FHIR R4). Each step types one level and leaves what is below as JSON for the next,
until nothing is left. The question of an answer is its item's linkId.
"""

from collections.abc import Collection

import duckdb
import orjson

_TEXTS = ("valueString", "valueDate", "valueDateTime", "valueTime", "valueUri")
_VALUES = {
    "valueCoding": {"code": "VARCHAR"},
    "valueInteger": "BIGINT",
    "valueDecimal": "DOUBLE",
    "valueQuantity": {"value": "DOUBLE", "code": "VARCHAR", "unit": "VARCHAR"},
    "valueBoolean": "BOOLEAN",
    **dict.fromkeys(_TEXTS, "VARCHAR"),
    "item": "JSON",
}
_ITEMS = orjson.dumps([{"linkId": "VARCHAR", "answer": [_VALUES], "item": "JSON"}]).decode()

# `path`: the place of an item among its siblings, level by level; before it, on each level, the number of the answer that
# it stands under (0: under an item), so that the same question under two answers has two places.
_LEVEL = """
CREATE OR REPLACE TEMP TABLE level{number} AS
SELECT response_id, list_append(path, generate_subscripts(items, 1)) AS path, unnest(items, max_depth := 2)
FROM (SELECT response_id, path, from_json(item, '{items}') AS items FROM ({below}) WHERE item IS NOT NULL)
"""

_BELOW = """
SELECT response_id, list_append(path, 0) AS path, item FROM level{number} WHERE item IS NOT NULL UNION ALL
SELECT response_id, list_append(path, generate_subscripts(answer, 1)), unnest(list_transform(answer, lambda a: a.item))
FROM level{number} WHERE answer IS NOT NULL
"""

_FOUND = f"""
CREATE OR REPLACE TEMP TABLE found AS
WITH answers AS (
  SELECT response_id, path, linkId AS link, generate_subscripts(answer, 1) AS nth, unnest(answer, max_depth := 2)
  FROM ({{levels}})),
told AS (
  SELECT response_id, path, link, nth, valueCoding.code AS code,
         coalesce(valueInteger::DOUBLE, valueDecimal, valueQuantity.value) AS number,
         coalesce(valueQuantity.code, valueQuantity.unit) AS unit,
         valueBoolean AS truth, coalesce({", ".join(_TEXTS)}) AS text
  FROM answers)
SELECT response_id, link, code, number, unit, truth, text,
       row_number() OVER (PARTITION BY response_id ORDER BY path, nth) AS ordinal
FROM told WHERE code IS NOT NULL OR number IS NOT NULL OR truth IS NOT NULL OR text IS NOT NULL
"""

_BELOW_TOP = [{"linkId": "VARCHAR", "answer": "JSON", "item": "JSON"}]
_TWO = orjson.dumps([{"linkId": "VARCHAR", "answer": "JSON", "item": _BELOW_TOP}]).decode()
_GIVEN = orjson.dumps([_VALUES]).decode()
_SHALLOW = """
CREATE OR REPLACE TEMP TABLE shallow AS
WITH tops AS (
  SELECT response_id, unnest(from_json(json_extract(document, '$.item'), '{two}'), max_depth := 2) FROM {source}),
each AS (
  SELECT response_id, linkId AS link, answer, NULL AS below FROM tops WHERE answer IS NOT NULL UNION ALL
  SELECT response_id, q.linkId, q.answer, q.item FROM (SELECT response_id, unnest(item) AS q FROM tops))
SELECT response_id, link, answer, below IS NOT NULL OR contains(answer::VARCHAR, '"item"') AS deep FROM each
"""
_WANTED = """
CREATE OR REPLACE TEMP TABLE wanted AS
WITH answers AS (
  SELECT response_id, link, unnest(from_json(answer, '{values}'), max_depth := 2)
  FROM shallow ANTI JOIN (FROM shallow WHERE deep) d USING (response_id) WHERE answer IS NOT NULL AND {asked}),
told AS (
  SELECT response_id, link, valueCoding.code AS code, coalesce(valueInteger::DOUBLE, valueDecimal, valueQuantity.value) AS number,
         coalesce(valueQuantity.code, valueQuantity.unit) AS unit, valueBoolean AS truth, coalesce({texts}) AS text
  FROM answers)
FROM told WHERE code IS NOT NULL OR number IS NOT NULL OR truth IS NOT NULL OR text IS NOT NULL
"""


def find_answers(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Make `found(response_id, link, code, number, unit, truth, text, ordinal)` of `source(response_id, document)`.

    `ordinal` counts the answers of a response from 1, in the order of the document. An answer without a value of these
    kinds makes no row: attachments and references are never read.
    """
    below = f"SELECT response_id, []::BIGINT[] AS path, json_extract(document, '$.item') AS item FROM {source}"
    levels: list[str] = []
    while True:
        number = len(levels) + 1
        con.execute(_LEVEL.format(number=number, below=below, items=_ITEMS))
        levels.append(f"SELECT response_id, path, linkId, answer FROM level{number}")
        if con.execute(f"SELECT count(*) FROM level{number}").fetchall()[0][0] == 0:
            break
        below = _BELOW.format(number=number)
    con.execute(_FOUND.format(levels=" UNION ALL ".join(levels)))


def find_answers_to(con: duckdb.DuckDBPyConnection, source: str, links: Collection[str]) -> None:
    """As `find_answers`, of the questions `links` (in small letters) alone, and without `ordinal`.

    Most documents are groups of questions and nothing deeper: of these only the answers that are wanted are typed, which
    takes a third of the time. The others go the long way.
    """
    asked = f"lower(link) IN ({', '.join(map(_quoted, sorted(links)))})"
    con.execute(_SHALLOW.format(source=source, two=_TWO))
    deep = con.execute("SELECT count(DISTINCT response_id) FROM shallow WHERE deep").fetchall()[0][0]
    con.execute(_WANTED.format(asked=asked, values=_GIVEN, texts=", ".join(_TEXTS)))
    if deep:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE deeper AS FROM {source} SEMI JOIN (FROM shallow WHERE deep) USING (response_id)"
        )
        find_answers(con, "deeper")
        con.execute(f"INSERT INTO wanted SELECT * EXCLUDE (ordinal) FROM found WHERE {asked}")
    con.execute("CREATE OR REPLACE TEMP TABLE found AS FROM wanted")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
