"""Answers out of QuestionnaireResponse documents, against a walk of the document in plain Python."""

import random

import duckdb
import orjson
import pyarrow as pa

from commonweal.r4.answers_in_bulk import find_answers, find_answers_to


def found(*documents):
    con = duckdb.connect()
    texts = [d if isinstance(d, str) else orjson.dumps(d).decode() for d in documents]
    con.register("documents", pa.table({"response_id": range(1, len(texts) + 1), "document": texts}))
    find_answers(con, "documents")
    return con.execute(
        "SELECT response_id, ordinal, link, code, number, truth, text FROM found ORDER BY response_id, ordinal"
    ).fetchall()


def walk(items):
    """(link, value) of every answer, answers before what is nested in them or beside them."""
    for item in items:
        yield from ((item["linkId"], a) for a in item.get("answer", []))
        for answer in item.get("answer", []):
            yield from walk(answer.get("item", []))
        yield from walk(item.get("item", []))


def test_every_kind_of_value():
    answers = [
        {"valueCoding": {"system": "s", "code": "White", "display": "White"}},
        {"valueInteger": 3},
        {"valueDecimal": 1.5},
        {"valueBoolean": False},
        {"valueString": "words"},
        {"valueDate": "2020-01-02"},
        {"valueDateTime": "2020-01-02T03:04:05Z"},
    ]
    rows = found({"item": [{"linkId": "q", "answer": answers}]})
    assert [r[1:] for r in rows] == [
        (1, "q", "White", None, None, None),
        (2, "q", None, 3.0, None, None),
        (3, "q", None, 1.5, None, None),
        (4, "q", None, None, False, None),
        (5, "q", None, None, None, "words"),
        (6, "q", None, None, None, "2020-01-02"),
        (7, "q", None, None, None, "2020-01-02T03:04:05Z"),
    ]


def test_items_in_items_and_in_answers():
    page = {
        "linkId": "page",
        "item": [
            {
                "linkId": "a",
                "answer": [{"valueInteger": 1, "item": [{"linkId": "under", "answer": [{"valueInteger": 2}]}]}],
            },
            {"linkId": "group", "item": [{"linkId": "b", "answer": [{"valueInteger": 3}]}]},
        ],
    }
    assert {(r[2], r[4]) for r in found({"item": [page]})} == {("a", 1.0), ("under", 2.0), ("b", 3.0)}


def test_documents_without_answers():
    assert found({"resourceType": "QuestionnaireResponse"}, {"item": []}, {"item": [{"linkId": "page"}]}) == []


def test_against_a_walk_in_python():
    chance = random.Random(4)

    def items(depth):
        return [
            {
                "linkId": f"q{chance.randrange(999)}",
                **({"answer": [{"valueInteger": chance.randrange(99), **({"item": items(depth - 1)} if depth and chance.random() < 0.3 else {})}
                               for _ in range(chance.randrange(3))]} if chance.random() < 0.7 else {}),
                **({"item": items(depth - 1)} if depth and chance.random() < 0.5 else {}),
            }
            for _ in range(chance.randrange(4))
        ]  # fmt: skip

    documents = [{"item": items(3)} for _ in range(60)]
    rows = found(*documents)
    for number, document in enumerate(documents, 1):
        expected = sorted((link, float(a["valueInteger"])) for link, a in walk(document["item"]))
        mine = [r for r in rows if r[0] == number]
        assert sorted((r[2], r[4]) for r in mine) == expected
        assert [r[1] for r in mine] == list(range(1, len(mine) + 1))


def test_some_questions_alone_are_as_among_all():
    """Flat documents, which go the short way, and deep ones, which do not; capitals of links make no difference."""
    chance = random.Random(5)

    def question():
        kinds = [
            {"valueCoding": {"code": "A"}},
            {"valueInteger": 2},
            {"valueString": 'says "item"'},
            {"valueBoolean": True},
        ]
        given = [dict(one) for one in chance.sample(kinds, chance.randrange(4))]
        if given and chance.random() < 0.1:
            given[0]["item"] = [{"linkId": "Q3", "answer": [{"valueInteger": 7}]}]
        deeper = {"item": [{"linkId": "q5", "answer": [{"valueInteger": 9}]}]} if chance.random() < 0.1 else {}
        return {
            "linkId": chance.choice("qQ") + str(chance.randrange(9)),
            **({"answer": given} if given else {}),
            **deeper,
        }

    documents = [
        {"item": [{"linkId": "page", "item": [question() for _ in range(4)]}, question()]} for _ in range(80)
    ] + [{"resourceType": "QuestionnaireResponse"}, {"item": []}]
    con, links = duckdb.connect(), ["q1", "q3", "q5"]
    texts = [orjson.dumps(one).decode() for one in documents]
    con.register("documents", pa.table({"response_id": range(1, len(texts) + 1), "document": texts}))
    told = "SELECT response_id, link, code, number, unit, truth, text FROM found WHERE lower(link) IN ('q1', 'q3', 'q5') ORDER BY ALL"
    find_answers(con, "documents")
    expected = con.execute(told).fetchall()
    find_answers_to(con, "documents", links)
    assert con.execute(told).fetchall() == expected
    assert len(expected) == con.execute("SELECT count(*) FROM found").fetchone()[0] > 40
