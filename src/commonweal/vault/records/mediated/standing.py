"""How a connection with a clinic stands, in words for the person whose it is: what came, what is to come, what is in the way."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal import duck
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import YES
from commonweal.vault.people.models import Participant
from commonweal.vault.records import store
from commonweal.vault.records.gates import SCOPE
from commonweal.vault.records.kinds import KINDS, name_of
from commonweal.vault.records.models import ClinicConnection, ClinicFetch


@dataclass(frozen=True)
class Standing:
    """`read_at`: when all was last read; `next_at`: when it is asked again; `lines`: what to know; `another`: the record
    there names somebody else."""

    read_at: datetime | None
    next_at: datetime | None
    lines: tuple[str, ...]
    another: bool = False


def of(connection: ClinicConnection, name: str) -> Standing | None:
    """None while it is not connected."""
    if connection.state != ClinicConnection.CONNECTED:
        return None
    fetch = ClinicFetch.objects.filter(connection=connection).first()
    if fetch is None:
        return Standing(None, None, (_("We read your records soon."),))
    later = fetch.next_at if fetch.next_at > timezone.now() and not fetch.began_at else None
    another = fetch.trouble == ClinicFetch.ANOTHER
    return Standing(fetch.read_at, later, tuple(_lines(connection, fetch, name)), another)


def _lines(connection: ClinicConnection, fetch: ClinicFetch, name: str) -> list[str]:
    said = [_trouble(fetch, name)]
    if not said[0] and fetch.began_at:
        said.append(_("We are reading your records now. The first time can take an hour."))
    elif not said[0] and fetch.read_at is None:
        said.append(_("We read your records soon. The first time can take an hour."))
    waiting = connection.waiting.aggregate(number=Sum("resources"))["number"] or 0  # type: ignore[attr-defined]
    if waiting:
        told = ngettext("%(count)s record waits to be saved.", "%(count)s records wait to be saved.", waiting)
        said.append(told % {"count": f"{waiting:,}"})
    kinds = dict.fromkeys(str(name_of(one)) for one in fetch.refused)
    if kinds:
        told = _("%(clinic)s does not give us all of these: %(kinds)s.")
        said.append(told % {"clinic": name, "kinds": ", ".join(kinds)})
    return [line for line in said if line]


def _trouble(fetch: ClinicFetch, name: str) -> str:
    if fetch.trouble == ClinicFetch.LIMITED:
        return _("%(clinic)s lets us read only so much at a time. We go on by ourselves.") % {"clinic": name}
    if fetch.trouble == ClinicFetch.ANOTHER:
        return _(
            "What stands there about you (name, birth date, address) does not fit what you told us, so we saved nothing. "
            "Please check what we have about you. If it is right, ask us for help."
        )
    if fetch.trouble:
        return _("%(clinic)s did not answer as it should. We try again by ourselves.") % {"clinic": name}
    return ""


def held(person: Participant, clinic: str) -> list[tuple[object, int]]:
    """(kind in plain words, how many) of the records that the vault holds of this person from this clinic."""
    home = settings.COMMONWEAL_HOME
    if not store.taken(clinic):
        return []
    with duck.passing() as con:
        view = store.current_events(con, home, clinic, people=[person.pk])
        rows = con.execute(f"SELECT resource_type, count(DISTINCT resource_id) FROM {view} GROUP BY 1").fetchall()
    order = {kind: place for place, kind in enumerate(KINDS)}
    return [(name_of(kind), count) for kind, count in sorted(rows, key=lambda row: order.get(row[0], len(order)))]


def allowed_until(person: Participant) -> datetime | None:
    """When the person's permission to read health records ends by itself; None where it does not."""
    told = (
        ConsentAnswer.objects.filter(participant=person, scopes__contains=SCOPE).order_by("-event_time", "-pk").first()
    )
    return told.expires_at if told and told.answer == YES else None
