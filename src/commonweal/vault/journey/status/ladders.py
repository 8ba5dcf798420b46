"""The ladders of enrolment status as data: three versions, each rung with what it needs.

Source: All of Us raw data repository, enrolment status calculation (2024-10). Rungs stand in the order in which people
climb; `number` is the one that the field's files use, which is not ordered.
"""

from collections.abc import Collection
from dataclasses import dataclass

from commonweal.vault.journey.status import needs as n


@dataclass(frozen=True)
class Rung:
    """A level and what it needs: always; of adults and of children; of adults of cohort 3; of people of cohort 1."""

    level: str
    number: int
    needs: tuple[str, ...]
    adult: tuple[str, ...] = ()
    pediatric: tuple[str, ...] = ()
    adult_cohort_3: tuple[str, ...] = ()
    cohort_1: tuple[str, ...] = ()

    def required(self, pediatric: bool, cohort: int | None, baseline: Collection[str] = n.BASELINE) -> tuple[str, ...]:
        """The needs of one person, in order; `baseline`: the surveys of the program's own baseline."""
        own = self.pediatric if pediatric else self.adult
        third = self.adult_cohort_3 if cohort == 3 and not pediatric else ()
        return n.asked((*self.needs, *own, *third, *(self.cohort_1 if cohort == 1 else ())), baseline)


_CORE = (n.PRIMARY, n.EHR, n.BASICS, n.OVERALL, n.DNA)
_NOW_CORE = (
    Rung("core_minus_pm", 4, _CORE, (n.LIFESTYLE,), (n.EXPOSURES,), (n.RESULTS,)),
    Rung(
        "core_participant",
        5,
        (*_CORE, n.MEASURED),
        (n.LIFESTYLE,),
        (n.EXPOSURES, n.HEIGHT, n.WEIGHT),
        (n.RESULTS,),
    ),
)
LADDERS: dict[str, tuple[Rung, ...]] = {
    "legacy": (
        Rung("interested", 1, (n.PRIMARY,)),
        Rung("member", 2, (n.PRIMARY, n.EHR)),
        Rung("core_minus_pm", 4, (*_CORE, n.LIFESTYLE), adult_cohort_3=(n.RESULTS,)),
        Rung("full_participant", 3, (*_CORE, n.LIFESTYLE, n.MEASURED), adult_cohort_3=(n.RESULTS,)),
    ),
    "3.0": (
        Rung("participant", 1, (n.PRIMARY,)),
        Rung("participant_plus_ehr", 2, (n.PRIMARY, n.EHR)),
        Rung("participant_pmb_eligible", 3, (n.PRIMARY, n.EHR, n.BASICS)),
        *_NOW_CORE,
    ),
    "3.2": (
        Rung("participant", 1, (n.PRIMARY,)),
        Rung("participant_plus_ehr", 2, (n.PRIMARY, n.EHR)),
        Rung("enrolled_participant", 3, (n.PRIMARY, n.BASICS)),
        Rung("pmb_eligible", 6, (n.PRIMARY, n.FULL_EHR, n.BASICS), adult=(n.RESULTS,)),
        *_NOW_CORE,
    ),
}
CURRENT = "3.2"
CORE_DATA = Rung(
    "core_data",
    0,
    (n.EHR, n.BASICS, n.OVERALL, n.HEIGHT, n.WEIGHT, n.WGS, n.EHR_FILE),
    (n.LIFESTYLE,),
    (n.EXPOSURES,),
    cohort_1=(n.DNA_UPDATE,),
)
REGISTERED = "registered"  # an account without the primary consent
API_V2 = {0: "REGISTERED", 1: "PARTICIPANT", 2: "FULLY_CONSENTED", 3: "CORE_PARTICIPANT", 4: "CORE_MINUS_PM"}
