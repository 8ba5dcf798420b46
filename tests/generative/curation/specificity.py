"""What "never more specific" means, family by family: the values that a rule may put in place of another.

Everywhere a value may become null, or a constant that the rule names (a general answer, a code for it): the same for many.
Beside that a family may do what is declared here, and nothing else.
"""

from datetime import date, datetime, timedelta

CORRECTS = ("quality.", "surveys.", "answers.")
"""Families that put right what is wrong; what they tell may be as close as before."""


def coarser(ruled, name, old, new):
    """Whether what became of column `name` tells no more than what stood there."""
    value, rule = new[name], ruled.rule.id
    if rule.startswith(CORRECTS) or value is None or value in ruled.constants:
        return True
    declared = DECLARED.get(rule)
    return declared is not None and declared(name, old, value)


def _shifted(name, old, value):
    return value == old[name] - timedelta(days=old["p_shift"])


def _trimmed(name, old, value):
    """An end that a row needs, moved to the last day: earlier than it was."""
    return isinstance(value, date) and value <= old[name]


def _year(name, old, value):
    """A year alone, and not of the day but of the shifted day."""
    return name == "year_of_birth" and value == (old["p_birth_date"] - timedelta(days=old["p_shift"])).year


def _own_year(name, old, value):
    return name == "year_of_birth" and value == old["p_birth_date"].year


def _three_digits(name, old, value):
    return value == old[name].strip()[:3] + "**"


def _last_moment(name, old, value):
    return _trimmed(name, old, value) if not isinstance(value, datetime) else value <= old[name]


def _general(name, old, value):
    """One of the person's row's own columns, told as coarsely as the concept beside it: the same for all of that concept."""
    return value in old.values() and name.endswith("_concept_id")


DECLARED = {
    "dates.shift": _shifted,
    "dates.trim": _last_moment,
    "dates.birth": _year,
    "dates.birth_year": _own_year,
    "places.three_digits": _three_digits,
    "identifiers.persons": lambda name, old, value: value == old["p_research_id"],
    "identifiers.devices": lambda name, old, value: value == old["p_device"],
    "generalise.race": _general,
    "generalise.gender": _general,
    "generalise.sex": _general,
}
