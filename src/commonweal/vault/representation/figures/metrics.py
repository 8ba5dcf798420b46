"""Every number by its name: what is counted, among whom, in words that stand on the page beside it.

A metric is a condition in SQL over the kept table (see `people.table`), and the metric that it is a share of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

TAKES_PART = "active AND consented IS NOT NULL"


@dataclass(frozen=True)
class Metric:
    """`title`: its name; `counts`: whom it counts; `of`: the metric that it is shown as a share of, "" for none."""

    id: str
    title: Any
    counts: Any
    where: str
    of: str = ""


_ALL = (
    Metric("joined", _("Opened an account"), _("Everybody who ever opened an account here or was brought in from elsewhere; made-up people of the staff are never counted."), "true"),
    Metric("consented", _("Consented"), _("Those who ever gave the primary consent."), "consented IS NOT NULL", "joined"),
    Metric("participants", _("Take part now"), _("Those whose primary consent is in force: who consented and has not withdrawn."), TAKES_PART, "consented"),
    Metric("basics", _("Answered The Basics"), _("Participants who handed in the survey The Basics."), f"{TAKES_PART} AND basics IS NOT NULL", "participants"),
    Metric("complete", _("Finished the first surveys"), _("Participants who handed in every survey of the program's baseline."), f"{TAKES_PART} AND complete IS NOT NULL", "participants"),
    Metric("ehr", _("Agreed to share health records"), _("Participants who ever said yes to sharing their health records."), f"{TAKES_PART} AND ehr IS NOT NULL", "participants"),
    Metric("ehr_file", _("Health records received"), _("Participants of whom at least one health record came in."), f"{TAKES_PART} AND ehr_file IS NOT NULL", "ehr"),
    Metric("measured", _("Were measured"), _("Participants with physical measurements that were finalised."), f"{TAKES_PART} AND measured IS NOT NULL", "participants"),
    Metric("dna", _("Gave a sample for DNA"), _("Participants of whom the biobank received a sample from which DNA can be taken."), f"{TAKES_PART} AND dna IS NOT NULL", "participants"),
    Metric("wgs", _("Genome sequenced"), _("Participants whose whole genome was sequenced."), f"{TAKES_PART} AND wgs IS NOT NULL", "participants"),
    Metric("stayed_due", _("Consented a year ago or longer"), _("Those who gave the primary consent at least 365 days before the count."), "consented <= $now - INTERVAL 365 DAY", "consented"),
    Metric("stayed", _("Stayed for a year"), _("Of those, who had neither withdrawn nor ended contact nor died within 365 days."), "consented <= $now - INTERVAL 365 DAY AND coalesce(least(withdrawn, deactivated, deceased) > consented + INTERVAL 365 DAY, true)", "stayed_due"),
    Metric("withdrawn", _("Withdrew"), _("Those who consented and have withdrawn since. Nothing else is counted of them."), "consented IS NOT NULL AND withdrawn IS NOT NULL", "consented"),
    Metric("spanish", _("Take part in Spanish"), _("Participants whose language here is Spanish."), f"{TAKES_PART} AND language = 'es'", "participants"),
)  # fmt: skip
METRICS: Mapping[str, Metric] = {one.id: one for one in _ALL}
FUNNEL = ("joined", "consented", "basics", "ehr", "ehr_file", "complete", "measured", "dna", "wgs")
STEPS = ("basics", "complete", "ehr", "ehr_file", "measured", "dna", "wgs")  # of those who take part, by group
WAITS = (("registered", "consented"), ("consented", "basics"), ("consented", "complete"), ("consented", "ehr"), ("ehr", "ehr_file"), ("consented", "dna"))  # fmt: skip
AGES = (18, 25, 35, 45, 55, 65, 75, 85)  # first years of the bands, as the census has them


def age_band() -> str:
    """SQL: the band of `age`, such as 25-34, 85+; younger than the first, or not known, is ""."""
    cases = [f"WHEN age >= {AGES[-1]} THEN '{AGES[-1]}+'"]
    cases += [
        f"WHEN age >= {low} THEN '{low}-{high - 1}'" for low, high in reversed(list(zip(AGES, AGES[1:], strict=False)))
    ]
    return f"CASE {' '.join(cases)} ELSE '' END"
