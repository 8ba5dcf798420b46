"""Asking people again: who said yes to an earlier version of a consent is asked to read and answer the new one.

A version that the protocol marks `reconsent` opens its campaign by itself; the program's operators may open one for any
current version. The earlier yes holds until the person answers: nothing ends by being asked. A yes to the new version goes
on where the earlier one stood; a no, as always, ends the scopes.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal import audit, duck
from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault import columns
from commonweal.vault.consent.models import ConsentAnswer, ReconsentCampaign
from commonweal.vault.people.models import Account, Participant

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

NOT_ANSWERED = "not_answered"
ANSWERS = (ConsentAnswer.YES, ConsentAnswer.NO, ConsentAnswer.NOT_SURE, ConsentAnswer.LATER, NOT_ANSWERED)

_ASKED = """
WITH known AS (
    SELECT participant_id AS participant, list_contains($versions, version) AS new, answer, event_time, expires_at,
        {'event': event_time, 'authored': authored_time, 'received': received_time, 'sequence': id} AS place
    FROM answers WHERE module = $module
), before AS (
    SELECT participant, arg_max({'answer': answer, 'until': expires_at}, place) AS held FROM known WHERE NOT new GROUP BY ALL
), after AS (SELECT participant, arg_max(answer, place) AS answer, min(event_time) AS first FROM known WHERE new GROUP BY ALL)
SELECT participant, coalesce(after.answer, 'not_answered') AS answer FROM before LEFT JOIN after USING (participant)
WHERE held.answer = 'yes' AND coalesce($start < held.until, true) AND coalesce(after.first >= $start, true)
    AND participant NOT IN (SELECT participant_id FROM gone)
ORDER BY participant
"""
_GONE = " UNION ALL ".join(
    f"SELECT participant_id FROM consent_{name}" for name in ("withdrawal", "deactivation", "decease")
)
_GROUPED = """
SELECT coalesce(p.site, '') AS site, coalesce(l.language, '') AS language, a.answer, count(*) AS people FROM asked a
LEFT JOIN (SELECT participant_id, arg_max(site, (authored_time, id)) AS site FROM pairings GROUP BY ALL) p
    ON p.participant_id = a.participant
LEFT JOIN (SELECT participant_id, arg_max(language, (authored_time, id)) AS language FROM profiles GROUP BY ALL) l
    ON l.participant_id = a.participant
GROUP BY ALL ORDER BY ALL
"""


@transaction.atomic
def begin(
    module: str, version: str, why: dict[str, str], protocol: "Protocol", *, by: Account | None
) -> ReconsentCampaign:
    """Ask again for the current version of a module. `why`: by language, what changed, in the words of participants.

    Raises BadInput where there is no earlier version to have said yes to, or a language is missing; Refused where it runs.
    """
    known = protocol.consents.get(module)
    if known is None or known.current.version != version:
        raise BadInput(_("Only for the current version of a consent can people be asked again."))
    if len(known.versions) < 2:
        raise BadInput(_("This consent has one version alone: nobody has said yes to an earlier one."))
    said = {language: str(why.get(language, "")).strip() for language in protocol.program.languages}
    if not all(said.values()):
        raise BadInput(_("Say what changed in every language of the program."))
    try:
        with transaction.atomic():
            made = ReconsentCampaign.objects.create(
                module=module, version=version, why=said, started_by=by, started_at=timezone.now()
            )
    except IntegrityError:
        raise Refused(_("People are being asked about this version already.")) from None
    audit.record("campaign.began", actor=by or audit.SYSTEM, module=module, version=version, campaign=made.uuid)
    return made


def begin_marked(protocol: "Protocol") -> list[ReconsentCampaign]:
    """Open the campaigns of current versions that the protocol marks, each once for all times."""
    made = []
    for module in protocol.consents.values():
        current = module.current
        known = ReconsentCampaign.objects.filter(module=module.id, version=current.version)
        if current.reconsent and not known.exists():
            made.append(begin(module.id, current.version, current.why, protocol, by=None))
    return made


def end(campaign: ReconsentCampaign, *, by: Account) -> None:
    """Ask nobody any more. What people answered stays; an earlier yes goes on. A second time changes nothing."""
    running = ReconsentCampaign.objects.filter(pk=campaign.pk, ended_at=None)
    if running.update(ended_at=timezone.now()):
        audit.record(
            "campaign.ended", actor=by, module=campaign.module, version=campaign.version, campaign=campaign.uuid
        )


def running() -> list[ReconsentCampaign]:
    return list(ReconsentCampaign.objects.filter(ended_at=None).order_by("started_at", "pk"))


def due(person: Participant) -> dict[str, ReconsentCampaign]:
    """The campaigns that ask this person now, by module."""
    found = {}
    for campaign in running():
        said = person.consent_answers.filter(module=campaign.module).order_by(
            "event_time", "authored_time", "received_time", "id"
        )
        latest = said.last()
        yes = latest is not None and latest.answer == ConsentAnswer.YES and latest.version not in _asked_for(campaign)
        if latest is not None and yes and (latest.expires_at is None or campaign.started_at < latest.expires_at):
            found[campaign.module] = campaign
    return found


def _asked_for(campaign: ReconsentCampaign) -> list[str]:
    """The versions that answer the campaign: the one it names, and those that have come since, which people are shown now."""
    module = current_protocol().consents.get(campaign.module)
    names = [one.version for one in module.versions] if module else []
    return names[names.index(campaign.version) :] if campaign.version in names else [campaign.version]


def asked(campaign: ReconsentCampaign) -> pa.Table:
    """Everybody whom the campaign asks: participant (int64, vault id), answer (string; not_answered where there is none).

    One pass over the answers of the module, for a million people as for ten. Who has left or wants no contact is not asked.
    """
    with duck.passing() as con:
        return _asked(con, campaign).cast(pa.schema([("participant", pa.int64()), ("answer", pa.string())]))


@dataclass(frozen=True)
class Group:
    """How many of one site and language gave one answer."""

    site: str
    language: str
    answer: str
    people: int


def progress(campaign: ReconsentCampaign) -> list[Group]:
    """How the campaign stands, by site, language and answer. Exact: for the program's own staff."""
    with duck.passing() as con:
        con.register("asked", _asked(con, campaign))
        tables = {
            "pairings": "SELECT participant_id, site, authored_time, id FROM people_pairing",
            "profiles": "SELECT participant_id, language, authored_time, id FROM people_profile",
        }
        for name, table in columns.read_all(tables).items():
            con.register(name, _plain(table))
        return [Group(*row) for row in con.execute(_GROUPED).fetchall()]


def answers(groups: list[Group]) -> dict[str, int]:
    """People by answer, over all groups, in the order of `ANSWERS`."""
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group.answer] += group.people
    return {answer: counts[answer] for answer in ANSWERS}


def _asked(con: duckdb.DuckDBPyConnection, campaign: ReconsentCampaign) -> pa.Table:
    names = "participant_id, module, version, answer, expires_at, event_time, authored_time, received_time, id"
    module = campaign.module.replace("'", "''")
    answered = f"SELECT {names} FROM consent_consentanswer WHERE module = '{module}'"
    for name, table in columns.read_all({"answers": answered, "gone": _GONE}).items():
        con.register(name, _plain(table))
    told = {
        "module": campaign.module,
        "versions": _asked_for(campaign),
        "start": campaign.started_at.astimezone(UTC).replace(tzinfo=None),
    }
    return con.execute(_ASKED, told).to_arrow_table()


def _plain(table: pa.Table) -> pa.Table:
    """Moments as naive UTC: DuckDB then needs no time zone data."""
    fields = [one.with_type(pa.timestamp("us")) if one.type == columns.MOMENT else one for one in table.schema]
    return table.cast(pa.schema(fields))
