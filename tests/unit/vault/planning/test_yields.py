"""What a contact of an option brings: what the past, the census and the audience say of it, and how sure that is."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from commonweal import protocol
from commonweal.vault.planning import read
from commonweal.vault.planning.casing import read_case
from commonweal.vault.planning.evidence import evidence
from commonweal.vault.planning.groups import GROUPS
from commonweal.vault.planning.terms import adults, counted_now, room_of
from commonweal.vault.planning.yields import draw
from tests import plans

CENSUS = {"IL": {"WHITE": 6e6, "BLACK": 1.2e6}, "TX": {"WHITE": 9e6, "HISP": 8e6}}
DRAWS = 4000


@pytest.fixture(scope="module")
def some():
    return read.people(plans.people(), plans.CATEGORIES)


@pytest.fixture
def case(tmp_path):
    return read_case(
        plans.plan_file(tmp_path), protocol.load(protocol.DEFAULT), CENSUS, read.outreach(plans.outreach())
    )


def yields(case, some, sent=None):
    sent = read.outreach(plans.outreach()) if sent is None else sent
    known = evidence(case, some, sent, plans.AS_OF)
    population = np.array([adults(case.areas[option.area]) for option in case.options])
    return known, draw(case, known, population, DRAWS, np.random.default_rng(1))


def test_counts_of_the_past(case, some):
    known, _ = yields(case, some)
    table = plans.people()
    came = [table.filter(pa.compute.equal(table["invitation"], n)).num_rows for n in (1, 2)]
    assert known.consented[:2].tolist() == came and known.contacts[:2].tolist() == [9000, 40000]
    assert known.contacts[2:].tolist() == [0, 0]  # of another audience, or never done
    assert known.site_who.sum() == plans.PEOPLE


def test_much_outreach_is_believed_and_none_is_not_sure(case, some):
    known, found = yields(case, some)
    consents = found.joined[:, :-1].sum(axis=-1)
    rate = known.consented / np.maximum(known.contacts, 1)
    assert consents[:, :2].mean(axis=0) == pytest.approx(rate[:2], rel=0.03)
    spread = consents.std(axis=0) / consents.mean(axis=0)
    assert spread[2] > 4 * spread[1]


def test_an_audience_turns_who_comes(case, some):
    _, found = yields(case, some)
    who = found.joined / found.joined.sum(axis=-1, keepdims=True)
    hispanic = who[:, :, GROUPS.index("HISP")].mean(axis=0)
    assert hispanic[2] > 0.8 > 0.3 > hispanic[1]


def test_an_options_own_past_outweighs_what_was_assumed(case, some):
    told = replace(case.options[2], invitations=(1,))
    case = replace(case, options=(*case.options[:2], told, case.options[3]))
    known, found = yields(case, some)
    who = found.joined[:, 2].mean(axis=0) / found.joined[:, 2].sum(axis=-1).mean()
    assert who[GROUPS.index("HISP")] == pytest.approx(known.who[2, GROUPS.index("HISP")] / known.who[2].sum(), abs=0.06)


def test_a_category_as_audience(case, some):
    rural = replace(case.options[1], audience=("geography",), focus=0.9)
    case = replace(case, options=(case.options[0], rural, *case.options[2:]))
    _, found = yields(case, some)
    people, rural, overall = (found.by(name)[:, 1].mean() for name in ("people", "geography", "overall"))
    assert rural / people == pytest.approx(0.9, abs=0.03) and rural <= overall <= people


def test_minorities_are_underrepresented_and_parts_are_no_more_than_the_whole(case, some):
    _, found = yields(case, some)
    people, minority, overall = (found.by(name) for name in ("people", "minority", "overall"))
    assert (minority <= overall + 1e-12).all() and (overall <= people + 1e-12).all()
    assert found.by("race_ethnicity") == pytest.approx(minority)
    assert (people <= found.joined.sum(axis=-1) + 1e-12).all()


def test_what_comes_by_itself(case, some):
    known, found = yields(case, some)
    assert found.joined[:, -1].sum(axis=-1).mean() == pytest.approx(known.itself_count / 12, rel=0.02)
    quiet = replace(case, assumptions=replace(case.assumptions, organic=False))
    assert yields(quiet, some)[1].joined[:, -1].sum() == 0


def test_without_any_past_there_is_still_an_answer(case):
    nobody = read.people(plans.people().slice(0, 0), plans.CATEGORIES)
    known, found = yields(case, nobody, sent=())
    assert np.isfinite(found.counted).all() and found.joined[:, 0].sum(axis=-1).mean() == pytest.approx(0.02, rel=0.2)
    black = found.joined[:, 1, GROUPS.index("BLACK")].sum() / found.joined[:, 1].sum()
    assert black == pytest.approx(1.2 / 7.2, abs=0.02)  # as the census has it
    assert read.delay(nobody, "complete") == 1 and read.monthly_loss(nobody, plans.AS_OF) == (1.0, 500.0)


def test_who_is_counted_today_and_who_is_left_in_an_area(case, some):
    now = counted_now(some, "complete", ("people", "minority", "overall", "WHITE"))
    table = plans.people()
    here = pa.compute.and_(pa.compute.is_valid(table["complete"]), pa.compute.is_null(table["withdrawn"]))
    here = table.filter(here)
    assert now["people"] == here.num_rows
    assert now["overall"] == pa.compute.sum(pa.compute.equal(here["of_overall"], "UBR")).as_py()
    white = pa.compute.and_(pa.compute.equal(table["state"], "IL"), pa.compute.equal(table["race"], "WHITE"))
    assert room_of(case, some)["state:IL"][GROUPS.index("WHITE")] == 6e6 - pa.compute.sum(white).as_py()


def test_months_of_leaving_and_of_becoming_complete(some):
    left, months = read.monthly_loss(some, plans.AS_OF)
    assert 0 < left / months < 0.01
    assert read.delay(some, "complete") == 2 and read.delay(some, "consented") == 0
