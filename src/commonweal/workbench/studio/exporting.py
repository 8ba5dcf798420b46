"""Counts that leave for good: each is held against all that left before, and registered, one after the other."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum
from pyroaring import BitMap

from commonweal import audit
from commonweal.commons.cohort.cohort import Cohort
from commonweal.disclosure import count, digest, exports
from commonweal.disclosure.private import Budget, private_count
from commonweal.errors import Refused
from commonweal.workbench.researchers.actions import actor
from commonweal.workbench.researchers.models import Researcher
from commonweal.workbench.researchers.policies import check_can_use_tier
from commonweal.workbench.studio import releases
from commonweal.workbench.studio.ledger import SiteLedger
from commonweal.workbench.studio.models import ExportedCount, ExportRegister, PrivacySpending
from commonweal.workbench.studio.sealing import opened, sealed
from commonweal.workbench.studio.using import tell

TRIES = 5


def export_count(researcher: Researcher, cohort: Cohort) -> ExportedCount:
    """Register how many people are in a cohort, rounded and not moved, for use outside. Raises Refused with the reason.

    Held against every export of this release by the researcher or anybody of the same institution. The check takes no
    lock; what was registered meanwhile sends it back to the start, so of two at once the second sees the first.
    """
    check_can_use_tier(researcher, cohort.release.tier)
    release = cohort.release
    register, _ = ExportRegister.objects.get_or_create(release=release.digest)
    people = BitMap(cohort.members())
    for _ in range(TRIES):
        register.refresh_from_db()
        known = ExportedCount.objects.filter(_theirs(researcher), register=register)
        same = known.filter(researcher=researcher, predicate=cohort.definition.sha256).first()
        if same is not None:
            return same
        earlier = [opened(content, release.digest) for content in known.values_list("people", flat=True)]
        verdict = exports.check(people, earlier, len(release.persons), release.policy)
        if not verdict.passed:
            _record(researcher, cohort, "export", {"outcome": verdict.outcome})
            raise Refused(f"export: {verdict.reason}")
        made = _registered(register, researcher, cohort, people)
        if made is not None:
            return made
    raise Refused("export: others export of this release at the same time; try again in a moment")


@transaction.atomic
def _registered(
    register: ExportRegister, researcher: Researcher, cohort: Cohort, people: BitMap
) -> ExportedCount | None:
    """The new entry; None where another came in since the register was read."""
    if not _next(register):
        return None
    shown = count(len(people), cohort.release.policy)
    assert shown.persons is not None
    tell(actor(researcher), "export", cohort, cohort.definition.sha256)
    _record(researcher, cohort, "export", asdict(shown))
    return ExportedCount.objects.create(
        register=register,
        researcher=researcher,
        institution=_institution(researcher),
        predicate=cohort.definition.sha256,
        people=sealed(people, cohort.release.digest),
        persons=shown.persons,
    )


def count_privately(researcher: Researcher, cohort: Cohort) -> dict[str, Any]:
    """A count with differential privacy; what it costs is taken from the institution's budget before it is told.

    Raises Refused where the program answers none, or the budget is used up.
    """
    check_can_use_tier(researcher, cohort.release.tier)
    limits = releases.limits().dp
    if limits is None:
        raise Refused("private counts: this program answers none; use ordinary counts")
    register, _ = ExportRegister.objects.get_or_create(release=cohort.release.digest)
    people = len(cohort.members())
    with transaction.atomic():
        ExportRegister.objects.filter(pk=register.pk).update(turns=F("turns") + 1)  # nobody else spends meanwhile
        theirs = PrivacySpending.objects.filter(_theirs(researcher), register=register)
        spent = theirs.aggregate(spent=Sum("epsilon"))["spent"] or 0
        answer = private_count(people, Budget(limits.epsilon, limits.budget, spent), cohort.release.policy)
        PrivacySpending.objects.create(
            register=register,
            researcher=researcher,
            institution=_institution(researcher),
            predicate=cohort.definition.sha256,
            epsilon=str(limits.epsilon),
        )
        _record(researcher, cohort, "private", asdict(answer))
    return asdict(answer)


def _next(register: ExportRegister) -> bool:
    """Whether nothing was registered since `register` was read; then its number goes on, and others wait."""
    unchanged = ExportRegister.objects.filter(pk=register.pk, turns=register.turns)
    return unchanged.update(turns=F("turns") + 1) == 1


def _institution(researcher: Researcher) -> str:
    """Those who may show one another what they exported, by the name of their institution."""
    return " ".join(researcher.institution.casefold().split())


def _theirs(researcher: Researcher) -> Q:
    return Q(researcher=researcher) | Q(institution=_institution(researcher))


def _record(researcher: Researcher, cohort: Cohort, kind: str, result: dict[str, Any]) -> None:
    subject = digest({"release": cohort.release.digest, "cohort": cohort.definition.sha256})
    SiteLedger().record(kind, subject, result, actor(researcher))
    audit.record(f"{kind}.{'told' if 'persons' in result else 'refused'}", actor=actor(researcher), question=subject)
