"""Which participant of a site a patient of its records is.

First the exact rule (`exact`); then, for who is left, all details weighed (`scoring`) by the protocol's matching.toml. Two
participants who fit are no match: a guess would put one person's records under another.
"""

from collections.abc import Mapping

import duckdb

from commonweal.r4.patients import PatientIdentity
from commonweal.ui.context import current_protocol
from commonweal.vault.records.matching.rounds import MEMORY, Round
from commonweal.vault.records.matching.verdicts import AMBIGUOUS, INCOMPLETE, NEAR_MISS, NO_MATCH, Match

__all__ = ["AMBIGUOUS", "INCOMPLETE", "NEAR_MISS", "NO_MATCH", "Match", "match_all"]


def match_all(identities: Mapping[str, PatientIdentity], site: str, holder: int | None = None) -> dict[str, Match]:
    """The match of each patient (by logical id at the source) among the participants whose latest pairing is with `site`.

    `holder`: the participant (vault id) with whose own account the records were fetched; then only they can be meant,
    wherever they are paired. Give at most 20,000 patients a call.
    """
    found = dict.fromkeys(identities, Match(None, INCOMPLETE))
    keys = [key for key, one in identities.items() if _complete(one)]
    if keys:
        with duckdb.connect(config={"memory_limit": MEMORY}) as con:
            con.execute("SET enable_progress_bar = false")
            verdicts = Round(con, [identities[key] for key in keys], current_protocol().matching, holder).verdicts(site)
        found |= {key: verdict.match for key, verdict in zip(keys, verdicts, strict=True)}
    return found


def _complete(one: PatientIdentity) -> bool:
    return bool(one.birth_date and one.families - {""} and one.givens - {""})
