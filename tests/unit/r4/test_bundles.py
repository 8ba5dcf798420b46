"""Files of FHIR as they come: whole, packed, broken, large. Nothing of them is quoted."""

import gzip
import json

import orjson
import pytest

from commonweal.r4 import blocks, bundles, ndjson, packed, streams

OBSERVATION = {"resourceType": "Observation", "id": "o1"}
BUNDLE = {"resourceType": "Bundle", "entry": [{"resource": OBSERVATION}, {"fullUrl": "urn:uuid:7"}]}
LINES = b'{"resourceType": "Patient", "id": "p"}\n\n' + json.dumps(OBSERVATION).encode() + b"\n"


def plain(cells):
    return cells if isinstance(cells, list) else cells.to_pylist()


def read(tmp_path, content, **how):
    """[(place, text or fault)] of a file."""
    path = tmp_path / "records"
    path.write_bytes(content)
    return [
        (place, fault or line)
        for block in bundles.read(path, **how)
        for place, line, fault in zip(*map(plain, (block.places, block.lines, block.faults)), strict=True)
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_bundle_entry_by_entry(tmp_path, pack, indent):
    found = read(tmp_path, pack(json.dumps(BUNDLE, indent=indent).encode()))
    assert [(place, json.loads(text)) for place, text in found[:1]] == [(1, OBSERVATION)]
    assert found[1] == (2, "no_resource")


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, lambda text: gzip.compress(text[:50]) + gzip.compress(text[50:])]
)
def test_ndjson_line_by_line(tmp_path, pack):
    found = read(tmp_path, pack(LINES + b"{cut\n\xff\n"))
    assert [place for place, _ in found] == [1, 3, 4, 5]
    assert json.loads(found[1][1]) == OBSERVATION
    assert found[3] == (5, "not_utf8")


def test_ndjson_whose_first_line_is_broken(tmp_path):
    assert [place for place, _ in read(tmp_path, b'{"cut": \n' + LINES)] == [1, 2, 4]


def test_one_resource_over_several_lines(tmp_path):
    ((place, text),) = read(tmp_path, json.dumps(OBSERVATION, indent=2).encode())
    assert (place, json.loads(text)) == (1, OBSERVATION)


WHOLE = json.dumps(BUNDLE, indent=1).encode()


@pytest.mark.parametrize(
    ("content", "place", "code"),
    [
        (b"", 0, "empty"),
        (b"\n \n", 0, "empty"),
        (b"Name: Secret Person\nborn 1961", 0, "not_json"),
        (WHOLE[: len(WHOLE) // 3], 0, "truncated"),
        (WHOLE[:-4], 3, "truncated"),
        (WHOLE.replace(b'"urn:uuid:7"', b"} urn, uuid, 7 and so on"), 2, "not_json"),
        (gzip.compress(WHOLE, mtime=0)[:60], 0, "truncated"),
        (gzip.compress(LINES * 500, mtime=0)[:-9], 1501, "truncated"),
        (b'{"hello": "Secret"}', 0, "not_fhir"),
        (b'[{"resourceType": "Patient"}]', 0, "not_fhir"),
        (b'{"resourceType": "Bundle"}', 0, "no_entries"),
        (b'{"resourceType": "Bundle", "entry": []}', 0, "no_entries"),
        (b'{"resourceType": "Bundle", "entry": "Secret"}', 0, "no_entries"),
        ('{"resourceType": "Bundle"}'.encode("utf-16"), 0, "not_utf8"),
        (WHOLE.replace(b"o1", b"\xff"), 0, "not_utf8"),
        (b'{"resourceType": "Bundle", "entry": [' + b"[" * 100_000, 0, "too_deep"),
    ],
)
def test_what_is_broken_is_told_at_its_place(tmp_path, content, place, code):
    assert read(tmp_path, content)[-1] == (place, code)


def test_what_stands_before_the_break_is_given(tmp_path):
    found = read(tmp_path, WHOLE[:-4])
    assert json.loads(found[0][1]) == OBSERVATION
    many = json.dumps({"resourceType": "Bundle", "entry": [{"resource": OBSERVATION | {"n": n}} for n in range(5000)]})
    found = read(tmp_path, gzip.compress(many.encode(), mtime=0)[:-2000])
    assert len(found) > 2000 and found[-1][1] == "truncated"
    assert [json.loads(text)["n"] for _, text in found[:-1]] == list(range(len(found) - 1))


def test_the_other_format_is_refused_when_one_is_asked_for(tmp_path):
    assert read(tmp_path, LINES, format="fhir-bundle") == [(0, "other_format")]
    assert read(tmp_path, WHOLE, format="fhir-ndjson") == [(0, "other_format")]
    assert json.loads(read(tmp_path, LINES, format="fhir-ndjson")[0][1])["id"] == "p"


def test_bundles_of_any_size_pass_through_a_small_window(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "BLOCK", 256)
    entries = [
        {"fullUrl": f"urn:uuid:{n}", "resource": OBSERVATION | {"id": f"ñ{n}", "n": n * 10**n}} for n in range(60)
    ]
    bundle = {
        "meta": {"tag": ["x" * 1000]},
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": entries,
        "total": 60,
    }
    path = tmp_path / "two.json"
    path.write_text(json.dumps(bundle, ensure_ascii=False) + "\n" + json.dumps(bundle, indent=3))
    found = list(bundles.read(path))
    assert len(found) > 10 and sum(len(block) for block in found) == 120
    assert [json.loads(line) for block in found for line in block.lines] == [e["resource"] for e in entries] * 2
    assert [url for block in found for url in block.urls][:60] == [e["fullUrl"] for e in entries]


def test_what_is_longer_than_a_resource_costs_no_other_line(tmp_path, monkeypatch):
    from commonweal.r4 import ndjson

    for module in (ndjson, streams):
        monkeypatch.setattr(module, "LARGEST", 2000)
        monkeypatch.setattr(module, "BLOCK", 512)
    long = json.dumps(OBSERVATION | {"note": "x" * 30_000}).encode()
    found = read(tmp_path, LINES + long + b"\n" + LINES)
    assert [(place, text if text == "too_long" else orjson.loads(text)["resourceType"]) for place, text in found] == [
        (1, "Patient"), (3, "Observation"), (4, "too_long"), (5, "Patient"), (7, "Observation"),
    ]  # fmt: skip
    bundle = (
        b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}, {"resource": ' + long + b"}]}"
    )
    assert [text for _, text in read(tmp_path, bundle)][1:] == ["too_long"]


def test_a_file_that_unpacks_to_far_more_than_records_can_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "FREE", 1 << 20)
    for beginning in (LINES, b'{"resourceType": "Bundle", "note": "'):
        bomb = gzip.compress(beginning + b" " * (40 << 20), mtime=0)
        assert read(tmp_path, bomb)[-1][1] == "bomb"
    honest = b"".join(json.dumps(OBSERVATION | {"id": f"{n * 7919}"}).encode() + b"\n" for n in range(60_000))
    assert len(read(tmp_path, gzip.compress(honest))) == 60_000


def test_members_that_are_too_long_together_are_not_held(tmp_path):
    """Each of them is short. What a Bundle has beside its entries is passed over, however much."""
    members = b"".join(b'"m%d": "' % n + b"x" * (1 << 20) + b'",\n' for n in range(20))
    assert read(tmp_path, b'{"resourceType": "Patient",\n' + members + b'"id": "p"}') == [(0, "too_long")]
    found = read(tmp_path, b'{"resourceType": "Bundle",\n' + members + b'"entry": [{"resource": {"id": "p"}}]}')
    assert found == [(1, '{"id": "p"}')]


@pytest.mark.parametrize("line", [b"1\n", b"\xff\n", b"\n1\n\n"])
def test_a_block_of_short_lines_has_no_more_of_them_than_others(tmp_path, line):
    path = tmp_path / "short.ndjson"
    path.write_bytes(LINES + line * 100_000)
    found = list(bundles.read(path))
    assert max(map(len, found)) <= ndjson.LINES < sum(map(len, found)) == 100_002
    places = [place for block in found for place in plain(block.places)]
    assert places[-3:] == [
        3 + step * line.count(b"\n") + line.startswith(b"\n") + 1 for step in (99_997, 99_998, 99_999)
    ]


def test_the_largest_block_is_bounded(tmp_path, monkeypatch):
    line = json.dumps(OBSERVATION | {"note": "x" * 900}).encode() + b"\n"
    path = tmp_path / "long.ndjson"
    path.write_bytes(line * 20_000)
    assert max(block.size for block in bundles.read(path)) <= blocks.BLOCK + len(line)
