"""Which participant of a site a patient of its records is.

First the exact rule (`exact`); then, for who is left, all details weighed (`scoring`) by the protocol's matching.toml. Two
participants who fit are no match: a guess would put one person's records under another.
"""

from collections.abc import Mapping

from commonweal.r4.patients import PatientIdentity
from commonweal.ui.context import current_protocol
from commonweal.vault.records.matching import digests as digests_
from commonweal.vault.records.matching import links, near
from commonweal.vault.records.matching.rounds import Round, connected
from commonweal.vault.records.matching.verdicts import AMBIGUOUS, INCOMPLETE, NEAR_MISS, NO_MATCH, Match

__all__ = ["AMBIGUOUS", "INCOMPLETE", "NEAR_MISS", "NO_MATCH", "Match", "match_all"]


def match_all(
    identities: Mapping[str, PatientIdentity], site: str, holder: int | None = None, *, form: str = "fhir"
) -> dict[str, Match]:
    """The match of each patient (by logical id at the source) among the participants whose latest pairing is with `site`.

    `holder`: the participant (vault id) with whose own account the records were fetched; then only they can be meant,
    wherever they are paired. `form`: of the records, as logical ids of one form say nothing about another's. Give at most
    20,000 patients a call. What the staff decided counts, and near misses are put in their queue; an empty logical id
    names nobody to whom one could come back.
    """
    found = dict.fromkeys(identities, Match(None, INCOMPLETE))
    keys = [key for key, one in identities.items() if _complete(one)]
    if not keys:
        return found
    digests = [digests_.patient(site, form, key) for key in keys]
    matching = current_protocol().matching
    same, apart = links.decided(site, digests)
    with connected() as con:
        patients = [identities[key] for key in keys]
        verdicts = Round(con, patients, matching, holder, same=same, apart=apart).verdicts(site)
    judged = list(zip(keys, digests, patients, verdicts, strict=True))
    told = [(digest, who, verdict) for key, digest, who, verdict in judged if key and verdict.near]
    if told:
        near.keep(site, told, keep_days=matching.keep_days)
    return found | {key: verdict.match for key, _, _, verdict in judged}


def _complete(one: PatientIdentity) -> bool:
    return bool(one.birth_date and one.families - {""} and one.givens - {""})
