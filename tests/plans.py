"""Plan files, and a simulated table of people shaped like the published cohort of one site (7,115 people, about 70 %
underrepresented, 36 % minorities), for the tests of planning.
"""

import tomllib
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from commonweal import protocol

AS_OF = datetime(2026, 12, 1)
PEOPLE = 7115
RACES = ("WHITE", "BLACK", "HISP", "ASIAN", "AIAN", "NHPI", "MENA", "MULTI", "OTHER", "")
SHARES = (0.60, 0.16, 0.12, 0.035, 0.008, 0.002, 0.005, 0.02, 0.01, 0.04)
CATEGORIES = tuple(c.id for c in protocol.load(protocol.DEFAULT).representation.categories)
SITES = tuple(protocol.load(protocol.DEFAULT).partners.sites.values())

PLAN = """
start = "2027-01"
months = 24

[budget]
monthly = 60000
total = 1_000_000

[goals]
people = 12000
racial_ethnic_minority_share = 0.42
underrepresented_share = 0.72

[[sites]]
id = "lakeshore-chicago"
hours = 400
languages = { en = 400, es = 120 }

[[sites]]
id = "gulf-coast-houston"
hours = 300
languages = { en = 300, es = 200 }

[[areas]]
id = "county:17031"
state = "IL"
population = 4_000_000
groups = { BLACK = 0.22, HISP = 0.26, WHITE = 0.40, ASIAN = 0.08 }
travel = { lakeshore-chicago = 2 }

[[options]]
id = "chicago-clinic"
site = "lakeshore-chicago"
approach = "clinic"
most = 2500
cost = 12
hours = 0.05

[[options]]
id = "chicago-mail"
site = "lakeshore-chicago"
approach = "mail"
most = 9000
cost = 2.5

[[options]]
id = "chicago-fair-es"
site = "lakeshore-chicago"
area = "county:17031"
approach = "event"
language = "es"
audience = ["HISP"]
focus = 0.8
contacts = 150
most = 6
cost = 1800
travel_cost = 200
hours = 16

[[options]]
id = "houston-partner"
site = "gulf-coast-houston"
approach = "partner"
audience = ["BLACK", "HISP"]
focus = 0.7
most = 1500
cost = 9
start_cost = 10000
hours = 0.02
"""


# What a program with no census and few people can ask.
SMALL = """
start = "2027-01"
months = 6
counted = "consented"

[budget]
monthly = 20000

[goals]
people = 300
racial_ethnic_minority_share = 0.3
underrepresented_share = 0.3

[[sites]]
id = "lakeshore-chicago"
hours = 200
languages = { en = 200, es = 100 }

[[areas]]
id = "state:IL"
population = 9_000_000
groups = { BLACK = 0.14, HISP = 0.18, WHITE = 0.6 }
travel = { lakeshore-chicago = 0 }

[[options]]
id = "chicago-clinic"
site = "lakeshore-chicago"
approach = "clinic"
most = 2500
cost = 12

[[options]]
id = "chicago-fair-es"
site = "lakeshore-chicago"
approach = "event"
language = "es"
audience = ["HISP"]
contacts = 150
most = 6
cost = 1800
hours = 8

[assumptions]
caution = 1
"""


def plan_file(folder: Path, text: str = PLAN, name: str = "plan.toml") -> Path:
    """The plan as a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    """The plan with one thing changed."""
    assert PLAN.count(old) >= 1 and tomllib.loads(PLAN)
    return PLAN.replace(old, new, 1)


def people(count: int = PEOPLE, seed: int = 1) -> pa.Table:
    """People who joined over three years, a third of them by one of the invitations 1 to 4."""
    rng = np.random.default_rng(seed)
    race = rng.choice(RACES, count, p=np.array(SHARES) / sum(SHARES))
    site = rng.integers(0, len(SITES), count)
    columns = {
        "participant": np.arange(count),
        "site": [SITES[n].id for n in site],
        "state": [SITES[n].state for n in site],
        "county": [""] * count,
        "language": rng.choice(["en", "es"], count, p=[0.9, 0.1]),
        "race": race,
        **_categories(race, rng),
        **_moments(count, rng),
        "invitation": pa.array(rng.integers(1, 5, count), mask=rng.random(count) > 1 / 3),
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def _categories(race: np.ndarray, rng: np.random.Generator) -> dict[str, pa.Array]:
    minority = ~np.isin(race, ["WHITE", ""])
    flags = {name: rng.random(len(race)) < 0.075 for name in CATEGORIES}
    flags["race_ethnicity"] = minority
    flags["overall"] = np.any(list(flags.values()), axis=0)
    return {f"of_{name}": pa.array(np.where(flag, "UBR", "RBR")) for name, flag in flags.items()}


def _moments(count: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    consented = np.datetime64(AS_OF, "us") - (rng.random(count) * 1000 * 86_400e6).astype("timedelta64[us]")
    complete = consented + (rng.gamma(2, 20, count) * 86_400e6).astype("timedelta64[us]")
    withdrawn = consented + (rng.random(count) * 300 * 86_400e6).astype("timedelta64[us]")
    late = (complete > np.datetime64(AS_OF, "us")) | (rng.random(count) < 0.2)
    stays = (withdrawn > np.datetime64(AS_OF, "us")) | (rng.random(count) < 0.97)
    return {
        "registered": pa.array(consented),
        "consented": pa.array(consented),
        "complete": pa.array(complete, mask=late),
        "withdrawn": pa.array(withdrawn, mask=stays),
    }


def outreach() -> pa.Table:
    """What the invitations 1 to 4 were."""
    rows = [
        (1, "lakeshore-chicago", "clinic", "en", 9000.0, 110000.0, None, 12.0),
        (2, "lakeshore-chicago", "mail", "en", 40000.0, 90000.0, None, 12.0),
        (3, "gulf-coast-houston", "event", "es", 5000.0, 66000.0, 40.0, 12.0),
        (4, "mesa-verde-phoenix", "partner", "en", 8000.0, 70000.0, None, 12.0),
    ]
    names = ("invitation", "site", "approach", "language", "contacts", "cost", "events", "months")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
