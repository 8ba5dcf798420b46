"""`commonweal dataset build` of a published release: into a workspace alone; what it says has passed the gate."""

import json
import os
import subprocess
import sys
from itertools import product

import pyarrow.parquet as pq
import pytest

from commonweal import commons
from commonweal.commons.dataset.placing import check_out
from commonweal.errors import Refused
from commonweal.home import Home

NAME = "2026Q4R1"
INFARCTION, DIABETES, METFORMIN = 312327, 201826, 1503297


def dataset(*concepts):
    include = [{"any": [{"type": "condition", "concepts": [c]}]} for c in concepts]
    sets = [{"version": 1, "name": "metformin", "domain": "drug", "items": [{"concept": METFORMIN}]}]
    values = [
        {"type": "person", "column": "sex_at_birth"},
        {"type": "feature", "name": "drugs", "set": "metformin", "statistic": "count"},
        {"type": "rows", "name": "exposures", "set": "metformin"},
    ]
    return {"version": 1, "cohort": {"version": 1, "include": include}, "concept_sets": sets, "values": values}


RARE, COMMON = dataset(INFARCTION, DIABETES), dataset(DIABETES)


@pytest.fixture(scope="module")
def command(release_folder, tmp_path_factory):
    """Runs the command on a home whose research database is a migrated one of its own."""
    from django.conf import settings

    folder = tmp_path_factory.mktemp("dataset")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "COMMONWEAL_"))}
    environment["COMMONWEAL_RESEARCH_DATABASE_URL"] = f"sqlite:///{folder / 'db.sqlite3'}"
    home = settings.COMMONWEAL_HOME.root

    def run(*arguments, definition=RARE):
        line = [
            sys.executable,
            "-m",
            "commonweal.cli",
            "dataset",
            "build",
            "-",
            "--release",
            NAME,
            *map(str, arguments),
        ]
        line += ["--home", str(home), "--json"]
        done = subprocess.run(
            line, input=json.dumps(definition), capture_output=True, text=True, env=environment, timeout=120
        )
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    zone = {"COMMONWEAL_ZONE": "research", "COMMONWEAL_HOME": str(home)}
    zone = environment | zone | {"DJANGO_SETTINGS_MODULE": "commonweal.sites.research.settings"}

    def python(*line):
        return subprocess.run([sys.executable, *line], env=zone, check=True, capture_output=True, text=True).stdout

    python("-m", "django", "migrate", "-v0")
    run.python = lambda code: python("-c", f"import django; django.setup(); {code}").strip()
    run.workspaces = home / "research" / "workspaces"
    return run


def test_rows_go_into_a_workspace_and_only_gated_numbers_are_said(command):
    out = command.workspaces / "heart" / "first"
    code, answer = command("--out", out)
    assert code == 0
    assert (answer["persons"], answer["suppressed"], answer["unchanged"]) == (None, True, False)
    assert answer["tables"] == [{"name": "features"}, {"name": "exposures"}]
    rows = pq.read_table(out / "features.parquet").num_rows
    assert 0 < rows <= 20 and json.loads((out / "manifest.json").read_bytes())["persons"] == rows
    asked = "from commonweal.workbench.studio.models import LedgerEntry as L; from commonweal.audit.models import Event as E"
    asked += "; print(L.objects.latest('pk').result, E.objects.filter(action='dataset.built').count())"
    said = command.python(asked)
    assert "'persons': None" in said and said.endswith(" 1")


@pytest.mark.parametrize("place", ["elsewhere", "vault/store/x", "commons/x", "research/x", "research/workspaces", ""])
def test_nowhere_else(command, tmp_path, place):
    home = Home.locate(command.workspaces.parent.parent)
    release = commons.open(NAME, home=home)
    with pytest.raises(Refused, match="workspace"):
        check_out(tmp_path / "out" if place == "elsewhere" else home.root / place, release, home)


def test_a_link_out_of_a_workspace_is_followed_and_refused(command, tmp_path):
    (command.workspaces / "link").mkdir(parents=True)
    (command.workspaces / "link" / "away").symlink_to(tmp_path)
    code, answer = command("--out", command.workspaces / "link" / "away" / "out", definition=COMMON)
    assert code == 1 and "workspace" in answer["error"] and list(tmp_path.iterdir()) == []


def test_an_estimate_is_made_of_a_gated_count(command):
    code, answer = command("--estimate")
    assert code == 0 and all(t["rows"] % 20 == 0 and t["rows"] >= 20 for t in answer["tables"])
    assert answer["tables"][0]["rows"] == 20  # as many as could have been hidden


@pytest.mark.django_db
def test_an_estimate_tells_no_other_number_than_the_count(release_folder):
    """Else who asks for both sees a count with and without its noise."""
    from django.conf import settings

    from commonweal.workbench.studio import building
    from commonweal.workbench.studio.asking import Asker

    asker, release = Asker(None), commons.open("2026Q4R1", home=settings.COMMONWEAL_HOME)
    plain = []
    for age, sex in product(range(22, 72), (8507, 8532)):  # rounding shows of one in five that it was moved
        older = {"type": "person", "age_at": {"date": "2025-01-01", "min": age}, "gender": [sex]}
        cohort = {"version": 1, "include": [{"any": [older]}]}
        values = [{"type": "person", "column": "sex_at_birth"}]
        dataset = release.dataset({"version": 1, "cohort": cohort, "values": values})
        counted = asker.count(dataset.cohort).persons
        assert building.told(asker, dataset)["tables"][0]["rows"] == counted
        plain.append(dataset.cohort.count().persons == counted)
    assert not all(plain), "noise moved none of the counts, so that nothing was tried"
