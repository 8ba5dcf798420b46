"""The quality of health records: what cannot be true goes, what is there twice counts once, what is said in many ways is said in one.

One file a family. `RULES` come first in a tier; `CLEAN` are those that the reference does last, on what is left.
"""

from commonweal.curation.rules.quality import (
    ages,
    concepts,
    days,
    deaths,
    drugs,
    ends,
    heights,
    links,
    measurements,
    observations,
    procedures,
    units,
    values,
    weights,
)

RULES = (
    *ages.BIRTH_YEAR,
    *days.RULES,
    *procedures.RULES,
    *observations.RULES,
    *ages.RULES,
    *deaths.RULES,
    *values.RULES,
    *drugs.RULES,
    *ends.RULES,
    *days.DATETIMES,
    *links.RULES,
)
CLEAN = (*measurements.RULES, *heights.RULES, *weights.RULES, *units.RULES, *concepts.RULES)
