"""Public pages show what passed the gate, and nothing of a release that is not published."""

import csv
import json
from collections import Counter
from io import StringIO

import pytest

pytestmark = pytest.mark.django_db
PAGE = "/releases/2026Q4R1/registered/"


def rows_of(text):
    return list(csv.DictReader(StringIO(text)))


@pytest.fixture
def raw(release_folder):
    from tests import releases

    return releases.people(2000)


def test_the_landing_page_says_what_there_is(client, release_folder):
    page = client.get("/").content.decode()
    assert "<dd>2,000</dd>" in page
    assert "Hypertensive disorder" in page


def test_without_a_release_it_says_so(client, settings, tmp_path):
    from commonweal.home import Home

    settings.COMMONWEAL_HOME = Home.locate(tmp_path)
    assert "No release has been published yet" in client.get("/").content.decode()


def test_states_of_few_are_hidden_with_what_would_give_them_away(client, raw):
    true = Counter(p["state_of_residence_source_value"] for p in raw["person_ext"])
    assert 0 < true["PIIState_MS"] <= 20
    shown = {r["code"]: r for r in rows_of(client.get(f"{PAGE}state.csv").content.decode())}
    assert shown["PIIState_MS"]["people_rounded_up_to_20"] == ""
    assert shown["PIIState_MS"]["hidden"] == "true"
    assert int(shown["PIIState_MA"]["people_rounded_up_to_20"]) == -(-true["PIIState_MA"] // 20) * 20


def test_ages_are_in_bands(client, raw):
    shown = rows_of(client.get(f"{PAGE}age.csv").content.decode())
    assert [r["code"] for r in shown] == ["18-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-88"]
    born = Counter(p["year_of_birth"] for p in raw["person"])
    thirties = sum(n for year, n in born.items() if 1986 <= year <= 1995)  # on 2 October 2025, born on 1 July
    assert shown[1]["people_rounded_up_to_20"] == str(-(-thirties // 20) * 20)


def test_the_public_manifest_tells_no_small_or_exact_number(client, release_folder):
    signed = json.loads((release_folder / "manifest.json").read_bytes())
    shown = client.get(f"{PAGE}manifest.json").json()
    assert shown["participants"] == 2000
    assert shown["rules"][0]["rows_removed"] is None
    assert shown["rules"][0]["cells_changed"] == 12360
    assert shown["risk"] == {
        "attacker": "knows_of_membership",
        "knows": signed["risk"]["knows"],
        "expected": 0.061,
        "people_alone": None,
    }
    tables = {t["name"]: t["rows"] for t in shown["tables"]}
    assert tables.pop("concept") == 14
    assert tables.pop("concept_ancestor") == 15
    assert all(rows is None or rows % 20 == 0 for rows in tables.values())
    assert tables["observation_ext"] is None  # it has no person_id, yet it is as long as a table about people
    assert "files" not in shown["tables"][0]


def test_the_release_page_names_rules_checks_and_risk(client, release_folder):
    page = client.get(PAGE).content.decode()
    assert "Each person gets a random number that this tier alone uses." in page
    assert "A few rows removed" in page
    assert "6.1 of 100" in page
    assert "Everybody in it agreed to take part" in page


@pytest.mark.parametrize(
    "where", ["releases/2020Q1R1/registered/", "releases/2026Q4R1/controlled/", "releases/..%2F/x/"]
)
def test_what_is_not_published_is_not_there(client, release_folder, where):
    assert client.get(f"/{where}").status_code == 404


def test_public_figures_are_in_the_ledger(client, release_folder):
    from commonweal.atlas import snapshots
    from commonweal.workbench.studio.models import LedgerEntry

    snapshots._taken.clear()
    client.get("/")
    client.get("/")
    entry = LedgerEntry.objects.get(kind="public")
    assert entry.requester == "public"
    assert entry.result["snapshot"]["participants"]["persons"] == 2000


def test_pages_speak_spanish(client, release_folder):
    page = client.get("/", headers={"accept-language": "es"}).content.decode()
    assert '<html lang="es">' in page
