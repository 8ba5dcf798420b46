"""What limits, attacks and their knowledge are called, and what each means, in plain words."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Told(NamedTuple):
    """An attack: what it is called, what it does, what a right guess finds, and what stands in its way."""

    name: Any
    how: Any
    finds: Any
    defence: Any


GOVERNANCE = _("No rule on data can prevent it. The closed workbench, the agreement with researchers and the log do.")
PERSON, MOVED = _("the person"), _("by how many days the dates were moved")
ATTACKS = {
    "neighbour": Told(
        _("Neighbor"),
        _("Knows somebody’s sex, race, year of birth and state, and two days on which they saw a doctor."),
        PERSON,
        GOVERNANCE,
    ),
    "voter_roll": Told(
        _("Voter roll"),
        _("Has a public list of names with birth dates, sex and state, and knows that somebody on it takes part."),
        PERSON,
        _("Birth dates are moved with all other dates, and small states are not named."),
    ),
    "tail": Told(
        _("Last dates"),
        _("Takes the last date of a long series for the day on which the data end."),
        MOVED,
        _("All series are cut so that they end on one day of the calendar."),
    ),
    "calendar": Told(
        _("Clinic days"),
        _("Moves all visits of a person until they fall on days on which clinics are open."),
        MOVED,
        _("Only giving up days for weeks or months would prevent it. It finds people who see a doctor very often."),
    ),
    "calendar_frequent": Told(
        _("Clinic days, of the people with the most visits"),
        _("The same, tried on those for whom it works best."),
        MOVED,
        _("Only giving up days for weeks or months would prevent it."),
    ),
    "clock_change": Told(
        _("Nights when clocks change"),
        _("Looks for the missing or doubled hour in what watches wrote down."),
        MOVED,
        _("Those hours are left out on every night on which clocks may change."),
    ),
    "row_order": Told(
        _("Order of rows"),
        _("Takes the first person in the release for the first who joined, and so on."),
        PERSON,
        _("Numbers of people are drawn, and rows stand in the order of those numbers."),
    ),
    "second_tier": Told(
        _("Both tiers together"),
        _("Holds two tiers of the program and looks for the same laboratory values in both."),
        PERSON,
        GOVERNANCE,
    ),
}
LIMITS = {
    "expected": _("Chance that somebody who knows that a person takes part finds them"),
    "alone": _("People who are alone in their group"),
    "population_small": _("People whose group stands for few in the population"),
    "population_least": _("Fewest people of the population for whom a group stands"),
}
TIERS = {"registered": _("registered tier"), "controlled": _("controlled tier"), "public": _("public tier")}
KNOWN = {
    "year_of_birth": _("year of birth"),
    "sex_at_birth": _("sex at birth"),
    "race": _("race"),
    "ethnicity": _("ethnicity"),
    "state_of_residence": _("state"),
    "zip3": _("first three digits of the ZIP code"),
}
OUTCOMES = {
    "within": (_("within"), "good"),
    "over": (_("exceeded"), "bad"),
    "not_applied": (_("exceeded, not applied"), "caution"),
}


def limit(name: str) -> Any:
    """What is limited; an attack by its name."""
    attack = ATTACKS.get(name.removeprefix("attack."))
    return _("Attack: %(name)s") % {"name": attack.name} if attack else LIMITS.get(name, name)
