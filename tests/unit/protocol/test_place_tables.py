"""Tables of places come in checked: what no rule could read is told by line, with what to do, and nothing is changed."""

import gzip
import shutil
from datetime import date

import pytest

from commonweal import protocol
from commonweal.errors import BadInput
from commonweal.protocol.reference_import import import_table
from commonweal.protocol.states import CODES, FIPS, NAMES, STATES
from commonweal.protocol.zips import Zips

RURAL = "zip,since\n01029,\n01029,2020-09-15\n"
COUNTY = "ZIP,COUNTY,RES_RATIO\n01029,25003,0.4\n"
COUNTIES = (
    "GEOID,name,state,POPULATION SIZE,white,african american,poverty\n1001,Autauga County, Alabama,59285,73.6,20,NA\n"
)
RUCA = "ZIP_CODE,STATE,RUCA1,RUCA2\n01029,MA,10,10.3\n"
MONEY = "year,region,first_person,each_additional_person\n2024,48,15060,5380\n"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(protocol.DEFAULT, tmp_path / "program")


def put(tmp_path, *texts):
    files = [tmp_path / f"list {number}.csv" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return files


@pytest.mark.parametrize(
    ("kind", "text", "line", "words"),
    [
        ("rural_zips", RURAL + "1029,\n", 4, "1029 lost its leading zeros: save the column as text"),
        ("rural_zips", RURAL + "0102x,\n", 4, "zip is five digits"),
        ("rural_zips", RURAL + "०१०२९,\n", 4, "zip is five digits"),
        ("rural_zips", RURAL + "01030,2020-02-30\n", 4, "since is the first day"),
        ("rural_zips", RURAL + "01030,20200915\n", 4, "since is the first day"),
        ("rural_zips", RURAL + "01029,2020-09-15\n", 4, "is there already"),
        ("zip_county", COUNTY + "1029,25003,1\n", 3, "lost its leading zeros"),
        ("zip_county", COUNTY + "01030,1003,1\n", 3, "COUNTY has five digits, and 1003 lost its leading zeros"),
        ("zip_county", COUNTY + "01030,99003,1\n", 3, "no state has the FIPS code 99"),
        ("zip_county", COUNTY + "01030,25003,1.2\n", 3, "RES_RATIO is a share from 0 to 1"),
        ("zip_county", COUNTY + "01030,25003,nan\n", 3, "RES_RATIO is a share from 0 to 1"),
        ("zip_county", COUNTY + "01030,25003,-1\n", 3, "RES_RATIO is a share from 0 to 1"),
        ("zip_county", COUNTY + "01029,25003,0.4\n", 3, "this ZIP and COUNTY is there already"),
        ("zip_county", COUNTY + "01029,25005,0.7\n", 3, "more than 1 together"),
        ("counties", COUNTIES + "99001,X,Alabama,1,1,1,1\n", 3, "no state has the FIPS code 99"),
        ("counties", COUNTIES + "x,X,Alabama,1,1,1,1\n", 3, "GEOID is the FIPS code"),
        ("counties", COUNTIES + "01003,X,Alaska,1,1,1,1\n", 3, "county 01003 lies in Alabama"),
        ("counties", COUNTIES + "01001,X,AL,1,1,1,1\n", 3, "this GEOID is there already"),
        ("counties", COUNTIES + "01003,,AL,1,1,1,1\n", 3, "a county has a name"),
        ("counties", COUNTIES + "01003,X,AL,1e5,1,1,1\n", 3, "POPULATION SIZE is a whole number"),
        ("counties", COUNTIES + "01003,X,AL,1,101,1,1\n", 3, "white is in percent"),
        ("counties", COUNTIES + "01003,X,AL,1,1,1,-\n", 3, "poverty is in percent"),
        ("ruca", RUCA + "01030,MA,11,11\n", 3, "RUCA1 is a whole number from 1 to 10, or 99"),
        ("ruca", RUCA + "01030,MA,1.1,1.1\n", 3, "RUCA1 is a whole number"),
        ("ruca", RUCA + "01030,MA,4,5.1\n", 3, "RUCA2 begins with RUCA1"),
        ("ruca", RUCA + "1030,MA,4,4\n", 3, "ZIP_CODE has five digits"),
        ("poverty_guidelines", MONEY + "24,48,1,1\n", 3, "year is four digits"),
        ("poverty_guidelines", MONEY + "2025,PR,1,1\n", 3, "territories use 48"),
        ("poverty_guidelines", MONEY + "2025,48,0,1\n", 3, "first_person is whole dollars above 0"),
        ("poverty_guidelines", MONEY + '2025,48,1,"5,380"\n', 3, "each_additional_person is whole dollars"),
        ("poverty_guidelines", MONEY + "2024,48,1,1\n", 3, "2024 has a guideline for the region 48 already"),
    ],
)
def test_what_no_rule_could_read_is_told_and_found_in_a_program(folder, tmp_path, kind, text, line, words):
    (file,) = put(tmp_path, text)
    before = sorted(path.name for path in (folder / "reference").iterdir())
    with pytest.raises(BadInput, match=f"line {line}: .*{words}"):
        import_table(folder, kind, file)
    assert sorted(path.name for path in (folder / "reference").iterdir()) == before
    import_table(folder, kind, *put(tmp_path, "\n".join(text.splitlines()[:-1]) + "\n"))
    (folder / "reference" / f"{kind}.csv").write_text(text)
    (problem,) = protocol.check(folder)
    assert (problem.file, problem.line) == (f"reference/{kind}.csv", line) and words in problem.message


def test_a_program_whose_table_lost_a_column_is_told(folder, tmp_path):
    for kind, text in (("ruca", RUCA), ("poverty_guidelines", MONEY)):
        import_table(folder, kind, *put(tmp_path, text))
        (folder / "reference" / f"{kind}.csv").write_text("this\n1\n")
    assert [(p.file, p.line, "columns" in p.message) for p in protocol.check(folder)] == [
        ("reference/poverty_guidelines.csv", 2, True),
        ("reference/ruca.csv", 2, True),
    ]


def test_lists_without_a_header_become_one_table_each_from_its_day(folder, tmp_path):
    files = put(tmp_path, "MA,1029\nPR,601\nAK,99510\n", "MA,01029\n", "state,ZIP\nMA,01030\n")
    told = import_table(folder, "rural_zips", *files, since=["2020-09-15", "2025-10-01"])
    assert told["accepted"] == 5
    zips = Zips.of(protocol.load(folder).reference)
    days = [date(2019, 1, 1), date(2020, 9, 15), date(2025, 10, 1)]
    assert [zips.rural("01029", day) for day in days] == [True, True, False]
    assert [zips.rural("00601", day) for day in days] == [True, False, False]
    assert [zips.rural("01030", day) for day in days] == [False, False, True]
    assert import_table(folder, "rural_zips", *files, since=["2020-09-15", "2025-10-01"])["unchanged"] == 5
    assert import_table(folder, "rural_zips", files[0], since=["2014-01-01"])["accepted"] == 3
    assert (folder / "reference" / "rural_zips.csv").read_text().splitlines()[1] == "01029,2014-01-01"


@pytest.mark.parametrize(
    ("texts", "since", "words"),
    [
        (("MA,1029\n", "MA,1029\n"), [], "--since: 0 for 2 files"),
        (("MA,1029\n",), ["2020-01-01", "2020-01-02"], "--since: 2 for 1 files"),
        (("MA,1029\n",), ["soon"], "--since: since is the first day"),
        (("MA,1029\n", "MA,1029\n"), ["2020-01-01", "2020-01-01"], "from the same day"),
        (("MA,1029\n", "MA,1029\nIL,6060\n"), ["2020-01-01"], "FILE 2 line 2: zip has five digits"),
        (("MA,1029\nMA,01029\n",), [], "FILE line 2: this list has the ZIP code already"),
        (("MA,1029\nXX,60601\n",), [], "FILE line 2: the first cell is the postal code of a state"),
        (("MA,1029\nMA\n",), [], "FILE line 2: 1 cells, but 2 are expected: STATE,ZIP"),
        (("code\n01029\n",), ["2020-01-01"], "FILE line 1: a list of rural ZIP codes has a column zip"),
        ((RURAL,), ["2020-01-01"], "a column since, so that it comes alone"),
        (("",), ["2020-01-01"], "FILE line 1"),
        (('MA,1029\nMA,"01030"x\n',), ["2020-01-01"], "no CSV"),
    ],
)
def test_lists_that_cannot_be_told_apart_or_read(folder, tmp_path, texts, since, words):
    with pytest.raises(BadInput, match=words):
        import_table(folder, "rural_zips", *put(tmp_path, *texts), since=since)
    assert not (folder / "reference" / "rural_zips.csv").exists()


def test_only_lists_that_replace_one_another_have_a_day(folder, tmp_path):
    with pytest.raises(BadInput, match="--since is for lists"):
        import_table(folder, "ruca", *put(tmp_path, RUCA), since=["2020-01-01"])


def test_a_packed_file_is_taken_and_a_damaged_one_is_told(folder, tmp_path):
    packed = gzip.compress(RUCA.encode() * 1)
    assert import_table(folder, "ruca", *put(tmp_path, packed))["accepted"] == 1
    for spoiled in (packed[:-9], packed[:12] + b"\xff" * 20 + packed[32:]):
        with pytest.raises(BadInput, match="cut short or damaged"):
            import_table(folder, "ruca", *put(tmp_path, spoiled))


def test_states_have_one_code_of_each_kind():
    assert len(STATES) == len(NAMES) == len(CODES) == len(FIPS) == 56
    assert (FIPS["72"], NAMES["DC"], CODES["Wyoming"]) == ("PR", "District of Columbia", "WY")


def test_the_published_tables_are_taken_and_agree(folder, shared_data):
    lists = shared_data / "aou" / "rdr" / "rdr_service" / "app_data"
    census = shared_data / "census"
    files = [lists / "rural_zipcodes_2014.csv", lists / "rural_zipcodes_2020.csv"]
    if not all(file.exists() for file in (*files, census / "HUD_ZIP_COUNTY.csv.gz")):
        pytest.skip("the published tables are not here")
    assert import_table(folder, "rural_zips", *files, since=["2020-09-15"])["accepted"] == 18_776 + 18_677
    assert import_table(folder, "zip_county", census / "HUD_ZIP_COUNTY.csv.gz")["accepted"] == 54_194
    assert import_table(folder, "counties", census / "openintro_county_2023.csv.gz")["accepted"] == 3_144
    assert import_table(folder, "ruca", census / "RuralSubUrban_ZCTA.csv.gz")["accepted"] == 41_164
    reference = protocol.load(folder).reference
    zips = Zips.of(reference)
    assert zips.counties("00601") == (("72001", 0.839799099), ("72113", 0.160200901))
    assert (zips.rural("01029", date(2020, 9, 14)), zips.rural("60601", date(2024, 1, 1))) == (True, False)
    known = {row["GEOID"].zfill(5) for row in reference["counties"].rows}
    lacking = {county[:2] for each in zips.shares.values() for county, _ in each if county not in known}
    territories = {"60", "66", "69", "72", "78"}
    assert lacking - territories == {"02", "09", "46"}  # Alaska and South Dakota renamed, Connecticut divided anew
