"""quality.toml, section release: what a release is held to, which faults stop it, and how far it may drift."""

from typing import Annotated

from pydantic import Field

from commonweal.protocol.base import Model

Percent = Annotated[float, Field(ge=0, le=100)]


class Drift(Model):
    """How far a tier may differ from the last published release of it, in percent; beyond, a steward must say why.

    `people`, `rows`: fewer or more, rows by table. `nulls`: percentage points of a column that is filled less, or more.
    `concepts`: of the concepts before, those that are gone. `means`: of the commonest measurements.
    """

    people: Percent = 30
    rows: Percent = 50
    nulls: Percent = 20
    concepts: Percent = 10
    means: Percent = 25
    small_table: Annotated[int, Field(ge=0)] = 1000  # rows; of smaller tables chance decides
    commonest: Annotated[int, Field(ge=1)] = 20  # measurements


class ReleaseQuality(Model):
    """`limits`: percent by check of the Data Quality Dashboard, for columns of which no imported table speaks.

    `stops`: the checks of quality and drift that stop a release; the others are told as warnings.
    """

    limits: dict[str, Percent] = {}
    stops: tuple[str, ...] = ()
    old_observation: int = 1900  # a date of this year or before is wrong; in all other tables:
    old: int = 1980
    drift: Drift = Drift()
