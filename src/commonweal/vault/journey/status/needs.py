"""What the rules of status ask for: each need is met from the moment it was first given. Names, and who gives which.

Source: enrolment dependencies of the All of Us raw data repository (2024-10).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

PRIMARY = "primary"  # primary consent, yes
EHR = "ehr"  # first expressed yes to sharing health records, also the interest of direct volunteers
FULL_EHR = "full_ehr"  # first yes to sharing health records whose signature was found in order
RESULTS = "results"  # genomic return of results answered: yes, no or not sure; "later" is no answer
DNA_UPDATE = "dna_update"  # yes to the update of the primary consent about DNA (those who joined first)
BASICS, OVERALL, LIFESTYLE = "TheBasics", "OverallHealth", "Lifestyle"
EXPOSURES = "ped_environmental_health"
DNA = "dna"  # earliest DNA sample received at the biobank
MEASURED = "physical_measurements"  # earliest finalised, in a clinic or by oneself
HEIGHT, WEIGHT = "height", "weight"  # earliest valid
WGS = "wgs"  # genome sequenced
EHR_FILE = "first_ehr_file"  # first file of health records received

BASELINE = (BASICS, OVERALL, LIFESTYLE)

DNA_SAMPLES = ("1ED10", "2ED02", "2ED04", "2ED10", "1ED04", "1SAL", "1SAL2", "2SAL0")


def asked(needs: Iterable[str], baseline: Collection[str]) -> tuple[str, ...]:
    """Those that a program can meet: a survey of the field's baseline that is not of the program's is asked of nobody."""
    return tuple(need for need in needs if need not in BASELINE or need in baseline)


def dna_since(received: Mapping[str, datetime]) -> datetime | None:
    """The earliest DNA sample among all samples received, by their codes."""
    return min((at for code, at in received.items() if code in DNA_SAMPLES), default=None)


def earliest(told: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    """The first moment of each need."""
    first: dict[str, datetime] = {}
    for need, at in told:
        first[need] = min(at, first.get(need, at))
    return first
