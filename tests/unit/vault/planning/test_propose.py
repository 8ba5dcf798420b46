"""Plans of questions that were worked out by hand."""

import numpy as np
import pytest

from commonweal.vault.planning.propose import expected, propose
from commonweal.vault.planning.reach import POINTS, lost
from commonweal.vault.planning.terms import standing
from commonweal.vault.planning.why import AWAY, DEAR, FULL, NEEDLESS, SPARE, USED, goal_prices, holds, reasons
from tests.planning_terms import keeps_within, option, people, question, share, terms


def spent(found, case):
    return float(np.array([one.unit_cost for one in case.options]) @ found.units.sum(axis=1))


def states(one, found):
    return [reason.state for reason in reasons(one, found)]


def test_ten_a_month_make_thirty_five_in_four_months():
    case = question([option(most=10)], [people(35)])
    one = terms(case, [[1, 0, 0]])
    found = propose(one)
    assert (found.met, found.months, spent(found, case)) == (True, 4, pytest.approx(35))
    assert states(one, found) == [USED]


def test_goals_that_are_met_need_nothing():
    one = terms(question([option()], [people(10), share(0.5)]), [[1, 0, 0]], now=(10, 5, 5))
    found = propose(one)
    assert (found.met, found.months, found.units.size) == (True, 0, 0)
    assert states(one, found) == [NEEDLESS]


def test_a_share_takes_the_dear_option_no_more_than_it_needs():
    """40 people, a quarter minorities: 5 a month at $10 each bring only minorities, 20 a month at $1 none. Two months."""
    case = question([option(0, most=5, cost=10), option(1, most=20, cost=1)], [people(40), share(0.25)])
    one = terms(case, [[1, 1, 1], [1, 0, 0]])
    found = propose(one)
    assert found.months == 2 and spent(found, case) == pytest.approx(10 * 10 + 30)
    assert found.units.sum(axis=1) == pytest.approx([10, 30])


def test_an_option_that_is_too_dear_is_told_the_price_at_which_it_would_do():
    case = question([option(0, most=100, cost=2), option(1, most=100, cost=5)], [people(50)])
    one = terms(case, [[1, 0, 0], [1, 0, 0]])
    found = propose(one)
    [used, dear] = reasons(one, found)
    assert (used.state, dear.state, dear.worth_it_at) == (USED, DEAR, pytest.approx(2))
    assert goal_prices(one, found, 50)[people(50)] == pytest.approx(1.0)  # half a person at $2


def test_options_that_take_away_from_a_goal_and_that_are_full():
    case = question([option(0, most=10, cost=1), option(1, most=10, cost=1)], [people(20), share(1.0)])
    one = terms(case, [[1, 1, 0], [1, 0, 0]])
    found = propose(one)
    assert found.months == 2 and states(one, found) == [FULL, AWAY]
    twins = terms(question([option(0, most=100), option(1, most=100)], [people(20)]), [[1, 0, 0], [1, 0, 0]])
    assert sorted(states(twins, propose(twins))) in ([SPARE, USED], [USED, USED])


def test_events_are_whole():
    case = question([option(event=True, most=2, cost=100, contacts=10)], [people(25)])
    found = propose(terms(case, [[1, 0, 0]]))
    assert found.months == 2 and found.units.sum() == 3


def test_hours_of_staff_who_speak_the_language_hold_a_plan():
    options = [option(0, language="es", most=100, hours=1), option(1, language="en", most=100, cost=3, hours=1)]
    case = question(options, [people(60)], hours=20, speaks={"en": 20, "es": 5})
    one = terms(case, [[1, 0, 0], [1, 0, 0]])
    found = propose(one)
    assert found.months == 3 and found.units[0] == pytest.approx([5, 5, 5])
    keeps_within(case, found.units)
    assert ("hours", "here", "es") in [hold[:3] for hold in holds(found)]


def test_what_is_counted_later_takes_longer_and_who_leaves_must_be_made_up_for():
    case = question([option(most=10)], [people(20)])
    assert propose(terms(case, [[1, 0, 0]], delay=2)).months == 4
    found = propose(terms(case, [[1, 0, 0]], keep=0.9))  # 10 · (1 + 0.9 + 0.81) = 27.1, two months bring 19
    assert found.months == 3


def test_nobody_leaves_twice_before_being_counted():
    """Who comes in the first month and is counted after two is all there then; a month later some have left."""
    case = question([option(most=10, contacts=1)], [people(10)], months=3)
    found = propose(terms(case, [[1, 0, 0]], delay=2, keep=0.5))
    assert found.months == 3 and expected(terms(case, [[1, 0, 0]], delay=2, keep=0.5), found)[0, 0] == pytest.approx(10)
    assert standing(terms(case, [[1, 0, 0]], itself=(8, 0, 0), delay=1, keep=0.5), 3)[0, 0] == 8 + 4


def test_what_comes_by_itself_counts():
    case = question([option(most=10)], [people(30)])
    found = propose(terms(case, [[1, 0, 0]], itself=(5, 0, 0)))
    assert found.months == 2 and found.units.sum() == pytest.approx(20)


def test_an_area_runs_dry():
    """1,000 adults, everybody who is reached joins: 500 people take −1000 ln ½ = 693 contacts; chords ask a few more."""
    case = question([option(most=5000)], [people(500)], population=1000.0, budget=1e9)
    one = terms(case, [[1, 0, 0]])
    assert propose(one).units.sum() == pytest.approx(693, rel=0.02) and propose(one).units.sum() >= 693
    halves = question([option(0, most=5000), option(1, most=5000)], [people(500)], population=1000.0, budget=1e9)
    assert propose(terms(halves, [[1, 0, 0]] * 2)).units.sum() == pytest.approx(propose(one).units.sum(), rel=1e-3)
    assert not propose(terms(question([option(most=5000)], [people(900)], population=1000.0), [[1, 0, 0]])).met


def test_chords_never_promise_more_than_the_curve():
    parts = np.linspace(0, POINTS[-1], 500)
    chords = np.interp(parts, POINTS, lost(POINTS))
    assert (chords >= lost(parts) - 1e-12).all() and (chords - lost(parts)).max() < 0.02


def test_money_that_would_be_enough():
    """100 people at $1, $10 a month for 6 months: $40 are missing, or 10 months in all."""
    case = question([option(most=100)], [people(100)], months=6, budget=10.0)
    found = propose(terms(case, [[1, 0, 0]]))
    assert not found.met and found.short == pytest.approx((40,))
    assert found.remedies["money"] == pytest.approx(40) and found.remedies["means"] is None
    assert found.remedies["months"] == 10


def test_means_that_would_be_enough():
    case = question([option(most=10)], [people(90)], months=6)
    found = propose(terms(case, [[1, 0, 0]]))
    assert found.remedies == {"money": None, "means": pytest.approx(1.5, rel=2e-3), "months": 9}


def test_both_that_would_be_enough():
    case = question([option(most=10)], [people(90)], months=6, budget=10.0)
    found = propose(terms(case, [[1, 0, 0]]))
    assert found.remedies == {"money": None, "means": None, "both": pytest.approx(1.5, rel=2e-3), "months": 9}


def test_a_goal_that_nothing_reaches_is_named():
    case = question([option(most=50)], [people(100), share(0.5)])
    found = propose(terms(case, [[1, 0.3, 0]], now=(10, 3, 0)))
    assert not found.met and found.alone == (True, False)
    assert found.remedies == {"money": None, "means": None, "both": None, "months": None}
    assert found.short[1] > 0


def test_an_option_that_nobody_tried_is_held_back():
    """Both bring one person a contact on average; the second either two or none. Caution takes the first, at twice the price."""
    worlds = np.array([[[1, 0, 0], [2 * (n % 2), 0, 0]] for n in range(10)], float)
    options = [option(0, most=100, cost=2), option(1, most=100, cost=1)]
    bold, careful = (terms(question(options, [people(50)], caution=caution), worlds) for caution in (1.0, 0.3))
    assert propose(bold).units[1].sum() == pytest.approx(50)
    assert propose(careful).units.sum(axis=1) == pytest.approx([50, 0])
    assert expected(careful, propose(careful))[:, 0] == pytest.approx(50)


def test_a_start_is_paid_once_from_the_total():
    options = [option(0, most=10, cost=1, start_cost=100), option(1, most=10, cost=4)]
    few, many = question(options, [people(10)], total=200.0), question(options, [people(60)], total=200.0)
    assert propose(terms(few, [[1, 0, 0]] * 2)).units[0].sum() == 0
    found = propose(terms(many, [[1, 0, 0]] * 2))
    assert found.met and found.units[0].sum() > 0
    keeps_within(many, found.units)


def test_months_without_money_are_waited_for():
    case = question([option(most=100)], [people(50)], budget=(0.0, 0.0, 30.0, 30.0))
    found = propose(terms(case, [[1, 0, 0]]))
    assert found.months == 4 and found.units[0, :2].sum() == 0


def test_events_that_no_month_can_pay_are_told_with_whole_numbers():
    """An event at $100, $60 a month: parts of events would do, whole ones never. $40 more each month would: $240."""
    case = question([option(event=True, most=1, cost=100, contacts=10)], [people(10)], budget=60.0)
    found = propose(terms(case, [[1, 0, 0]]))
    assert (found.met, found.short, found.units.sum()) == (False, pytest.approx((10,)), 0)
    assert found.remedies == {"money": pytest.approx(240), "means": None, "months": None}


def test_a_share_that_is_met_for_a_while():
    """The only event is paid in the first month; who comes by themselves brings the share down again in the second."""
    case = question([option(event=True, most=1, cost=1)], [people(1), share(0.8)], budget=(1.0, 0.0, 0.0), total=1.0)
    found = propose(terms(case, [[4, 4, 0]], itself=(1, 0, 0)))
    assert (found.met, found.months, found.units.sum()) == (True, 1, 1)
