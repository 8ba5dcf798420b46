"""Which participant of a site a patient of its records is.

First the exact rule (`exact`); then, for who is left, all details weighed (`scoring`) by the protocol's matching.toml. Two
participants who fit are no match: a guess would put one person's records under another.
"""

from collections.abc import Mapping

from commonweal.r4.patients import PatientIdentity
from commonweal.vault.records.matching.matcher import Matcher
from commonweal.vault.records.matching.verdicts import AMBIGUOUS, INCOMPLETE, NEAR_MISS, NO_MATCH, Match

__all__ = ["AMBIGUOUS", "INCOMPLETE", "NEAR_MISS", "NO_MATCH", "Match", "Matcher", "match_all"]


def match_all(
    identities: Mapping[str, PatientIdentity], site: str, holder: int | None = None, *, form: str = "fhir"
) -> dict[str, Match]:
    """`Matcher.match`, once. Who has several calls to make keeps a Matcher: it reads the site's participants once."""
    with Matcher(site, form) as matcher:
        return matcher.match(identities, holder)
