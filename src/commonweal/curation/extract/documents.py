"""Answers out of QuestionnaireResponse documents, by the thousand, in SQL: no document is touched by Python.

Items nest in items and in answers (FHIR R4). Each step types one level and leaves what is below as JSON for the next,
until nothing is left. The question of an answer is its item's linkId.
"""

import duckdb
import orjson

LEVELS = 6  # deeper ones are not read; the default surveys have three
_BITS = 9  # of an item's place among its siblings, for the order of answers
_TEXTS = ("valueString", "valueDate", "valueDateTime", "valueTime", "valueUri")
_VALUES = {
    "valueCoding": {"code": "VARCHAR"},
    "valueInteger": "BIGINT",
    "valueDecimal": "DOUBLE",
    "valueBoolean": "BOOLEAN",
    **dict.fromkeys(_TEXTS, "VARCHAR"),
    "item": "JSON",
}
_ITEMS = orjson.dumps([{"linkId": "VARCHAR", "answer": [_VALUES], "item": "JSON"}]).decode()

_LEVEL = f"""
CREATE OR REPLACE TEMP TABLE level{{number}} AS
SELECT response_id, (path << {_BITS}) + generate_subscripts(items, 1) AS path, unnest(items, max_depth := 2)
FROM (SELECT response_id, path, from_json(item, '{{items}}') AS items FROM ({{below}}) WHERE item IS NOT NULL)
"""

_FOUND = f"""
CREATE OR REPLACE TEMP TABLE found AS
WITH answers AS (
  SELECT response_id, path, link, generate_subscripts(answer, 1) AS nth, unnest(answer, max_depth := 2) FROM ({{levels}}))
SELECT response_id, link, valueCoding.code AS code, coalesce(valueInteger::DOUBLE, valueDecimal) AS number,
       valueBoolean AS truth, coalesce({", ".join(_TEXTS)}) AS text,
       row_number() OVER (PARTITION BY response_id ORDER BY path, link, nth) AS ordinal
FROM answers
"""


def find_answers(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Make `found(response_id, link, code, number, truth, text, ordinal)` of `source(response_id, document)`.

    `ordinal` counts the answers of a response from 1, in the order of the document.
    """
    below = f"SELECT response_id, 0::BIGINT AS path, json_extract(document, '$.item') AS item FROM {source}"
    levels = []
    for number in range(1, LEVELS + 1):
        con.execute(_LEVEL.format(number=number, below=below, items=_ITEMS))
        if number > 1 and con.execute(f"SELECT count(*) FROM level{number}").fetchall()[0][0] == 0:
            break
        shift = _BITS * (LEVELS - number)
        levels.append(f"SELECT response_id, path << {shift} AS path, linkId AS link, answer FROM level{number}")
        below = (
            f"SELECT response_id, path, item FROM level{number} UNION ALL"
            f" SELECT response_id, path, unnest(list_transform(answer, lambda a: a.item)) FROM level{number} WHERE answer IS NOT NULL"
        )
    con.execute(_FOUND.format(levels=" UNION ALL ".join(levels)))
