"""Names of what is counted: groups by race and ethnicity, and the indicators that goals are set on.

A minority is everybody whose race and ethnicity are anything but White alone, and known. Whoever did not answer counts
among all people, and towards no share: a plan cannot meet a goal by people who do not answer.
"""

from collections.abc import Iterable

UNKNOWN = ""
GROUPS = ("AIAN", "ASIAN", "BLACK", "HISP", "MENA", "MULTI", "NHPI", "OTHER", "WHITE", UNKNOWN)
WHITE = "WHITE"
MINORITIES = tuple(group for group in GROUPS if group not in (WHITE, UNKNOWN))

PEOPLE, MINORITY, OVERALL = "people", "minority", "overall"
RACE_CATEGORY = "race_ethnicity"


def indicators(categories: Iterable[str]) -> tuple[str, ...]:
    """What people are counted by: all of them, minorities, underrepresented overall, each category, each group."""
    named = [c for c in categories if c != OVERALL]
    return (PEOPLE, MINORITY, OVERALL, *named, *MINORITIES, WHITE)
