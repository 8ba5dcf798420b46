"""Asking a release on somebody's behalf: policy first, then the gate, then the ledger; exact counts are audited too."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from commonweal import audit
from commonweal.commons.cohort.cohort import Answer, Cohort
from commonweal.commons.release import Release
from commonweal.disclosure import digest
from commonweal.errors import Refused
from commonweal.workbench.researchers.actions import actor, researcher_of_token
from commonweal.workbench.researchers.models import Researcher
from commonweal.workbench.researchers.policies import check_can_count_exactly, check_can_use_tier
from commonweal.workbench.studio import browsing, choices, releases
from commonweal.workbench.studio.ledger import SiteLedger, check_can_ask_more

Listed = TypeVar("Listed", bound=Iterable[dict[str, Any]])


@dataclass(frozen=True)
class Browsed(Answer):
    """The count object of the contract, of a count that was moved before it was rounded or hidden (`perturbed`)."""

    perturbed: bool = True


@dataclass(frozen=True)
class Asker:
    """Who asks: a researcher, or whoever operates this site at its command line (None)."""

    researcher: Researcher | None

    @classmethod
    def of_command_line(cls, token: str | None, *, tier: str) -> "Asker":
        """The researcher whose token this is; without one, the operator, for whom the gate applies as for anybody."""
        if token is None:
            return cls(None)
        researcher = researcher_of_token(token)
        if researcher is None:
            raise Refused("token: it is not one of this research site, or no longer in force; issue a new one")
        check_can_use_tier(researcher, tier)
        return cls(researcher)

    @property
    def name(self) -> str:
        return actor(self.researcher) if self.researcher else "command-line"

    def count(self, cohort: Cohort, *, exact: bool = False) -> Answer:
        self._check(cohort, exact)
        answer = cohort.count(exact=True) if exact else _browsed(cohort)
        result = {k: v for k, v in answer.as_dict().items() if k not in ("seconds", "release", "tier")}
        self._record("count", cohort, result, exact)
        return answer

    def explain(self, cohort: Cohort, *, exact: bool = False, language: str = "en", sql: bool = True) -> dict[str, Any]:
        self._check(cohort, exact)
        shown = None if exact else browsing.gate(cohort.release).counts(cohort.steps())
        answer = cohort.explain(exact=exact, language=language, shown=shown, sql=sql)
        self._record("attrition", cohort, {"persons": [s["persons"] for s in answer["attrition"]]}, exact)
        return answer

    def concepts(self, release: Release, text: str) -> list[dict[str, Any]]:
        """See choices.concepts."""
        self._check_release(release)
        return self._listed(release, choices.concepts(release, text))

    def around(self, release: Release, concept: int) -> choices.Around | None:
        """See choices.around."""
        self._check_release(release)
        found = choices.around(release, concept)
        return None if found is None else self._listed(release, found)

    def _listed(self, release: Release, found: Listed) -> Listed:
        if counts := {str(c["concept_id"]): c["count"].persons for c in found}:
            subject = digest({"release": release.digest, "concepts": sorted(counts)})
            SiteLedger().record("concepts", subject, counts, self.name)
        return found

    def _check(self, cohort: Cohort, exact: bool) -> None:
        if exact:
            check_can_count_exactly(self.researcher)
        self._check_release(cohort.release)

    def _check_release(self, release: Release) -> None:
        if self.researcher is not None:
            check_can_use_tier(self.researcher, release.tier)
            check_can_ask_more(self.name, releases.limits().questions_a_day)

    def _record(self, kind: str, cohort: Cohort, result: dict[str, Any], exact: bool) -> None:
        subject = digest({"release": cohort.release.digest, "cohort": cohort.definition.sha256})
        if exact:
            audit.record("count.exact", actor=self.name, question=subject)
            result = {"exact": True}  # the ledger holds what everybody could be shown, never a small number
        SiteLedger().record(kind, subject, result, self.name)


def _browsed(cohort: Cohort) -> Browsed:
    started, release = time.perf_counter(), cohort.release
    shown = browsing.gate(release).count(cohort.members())
    seconds = round(time.perf_counter() - started, 4)
    return Browsed(**asdict(shown), release=release.name, tier=release.tier, seconds=seconds)
