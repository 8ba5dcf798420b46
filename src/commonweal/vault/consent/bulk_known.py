"""What is known beforehand, as tables for the bulk door of consent: the program's modules, and the people's facts.

Read through Django's connection, so that what the same transaction has just written counts.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from commonweal.protocol.consents import form_for
from commonweal.vault import columns
from commonweal.vault.consent.models import ConsentAnswer, Withdrawal
from commonweal.vault.consent.rules import PARTICIPATE, YES
from commonweal.vault.people.models import Eligibility, Pairing, Participant, Profile

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

PLAIN = pa.timestamp("us")  # moments inside DuckDB are naive UTC: no time zone data are needed
_MODULES = pa.schema(
    [
        ("module", pa.string()),
        ("at_order", pa.int32()),
        ("version", pa.string()),
        ("scopes", pa.string()),
        ("requires", pa.list_(pa.string())),
    ]
)
_FORMS = pa.schema(
    [
        ("module", pa.string()),
        ("care", pa.string()),
        ("home", pa.string()),
        ("form", pa.string()),
        ("expires_after_days", pa.int32()),
    ]
)
_TEXTS = pa.schema([("module", pa.string()), ("form", pa.string()), ("language", pa.string()), ("sha256", pa.string())])


def modules(protocol: "Protocol") -> pa.Table:
    """module, at_order, version, scopes (sorted, space separated), requires.

    Here stand people who joined elsewhere: what grants nothing, such as a state's list of rights, was theirs to sign there.
    """
    granting = {module.id for module in protocol.consents.values() if module.scopes}
    rows = [
        {
            "module": module.id,
            "at_order": order,
            "version": module.current.version,
            "scopes": " ".join(sorted(module.scopes)),
            "requires": [name for name in module.requires if name in granting],
        }
        for order, module in enumerate(protocol.consents.values())
    ]
    return pa.Table.from_pylist(rows, _MODULES)


def forms(protocol: "Protocol", people: pa.Table) -> pa.Table:
    """module, care, home, form, expires_after_days: the one pure rule, asked once for each pair of states among `people`."""
    pairs = people.select(["care", "home"]).group_by(["care", "home"]).aggregate([]).to_pylist()
    rows = []
    for module in protocol.consents.values():
        for pair in pairs:
            form = form_for(module.current, pair["care"] or None, pair["home"] or None)
            told = {"form": form.id, "expires_after_days": form.expires_after_days}
            rows.append({"module": module.id, **pair, **told})
    return pa.Table.from_pylist(rows, _FORMS)


def texts(protocol: "Protocol") -> pa.Table:
    """module, form, language, sha256 of the current version's texts."""
    rows = [
        {"module": module.id, "form": form.id, "language": language, "sha256": text.sha256}
        for module in protocol.consents.values()
        for form in (module.current.default, *module.current.forms)
        for language, text in form.texts.items()
    ]
    return pa.Table.from_pylist(rows, _TEXTS)


def participants(ids: list[int]) -> pa.Table:
    """participant: those of `ids` who are there."""
    found = columns.lookup(Participant, "id", ids, "id")
    return pa.table({"participant": pa.array([one for (one,) in found], pa.int64())})


def people(ids: list[int], protocol: "Protocol") -> pa.Table:
    """participant, birth_date, home, care (states, "" where not known), eligible: from the latest authored facts."""
    order = ("participant_id", "authored_time", "id")
    profiles = _latest(columns.lookup(Profile, "participant_id", ids, *order, "birth_date", "state"))
    paired = _latest(columns.lookup(Pairing, "participant_id", ids, *order, "site"))
    states = _latest(columns.lookup(Eligibility, "participant_id", ids, *order, "state"))
    known = columns.lookup(Participant, "id", ids, "id", "origin")
    care = {site: place.state for site, place in protocol.sites.items()}
    eligible = [states[one][0] == "eligible" if one in states else origin != "portal" for one, origin in known]
    found = [(one, *profiles.get(one, (None, "")), care.get(paired.get(one, [""])[0], "")) for one, _ in known]
    return pa.table(
        {
            "participant": pa.array([one[0] for one in found], pa.int64()),
            "birth_date": pa.array([one[1] for one in found], pa.date32()),
            "home": pa.array([one[2] or "" for one in found], pa.string()),
            "care": pa.array([one[3] for one in found], pa.string()),
            "eligible": pa.array(eligible, pa.bool_()),
        }
    )


def _latest(rows: list[tuple[Any, ...]]) -> dict[int, list[Any]]:
    """What is told after the two times by which the latest is known."""
    latest: dict[int, list[Any]] = {}
    for person, *told in rows:
        if person not in latest or told[:2] > latest[person][:2]:
            latest[person] = told
    return {person: told[2:] for person, told in latest.items()}


def withdrawn(ids: list[int]) -> pa.Table:
    """participant, at: the first withdrawal of each who has left."""
    rows = columns.lookup(Withdrawal, "participant_id", ids, "participant_id", "event_time")
    table = pa.table(
        {"participant": pa.array([one for one, _ in rows], pa.int64()), "at": _moments([at for _, at in rows])}
    )
    return table.group_by("participant").aggregate([("at", "min")]).rename_columns(["participant", "at"])


def consented(ids: list[int]) -> pa.Table:
    """participant: those who ever said yes to taking part (as `leaving.has_consented` says of one)."""
    rows = columns.lookup(ConsentAnswer, "participant_id", ids, "participant_id", "answer", "scopes")
    yes = sorted({one for one, answer, scopes in rows if answer == YES and PARTICIPATE in scopes.split()})
    return pa.table({"participant": pa.array(yes, pa.int64())})


def history(ids: list[int]) -> pa.Table:
    """participant, module, answer, at, expires_at, seq: what the people have answered so far."""
    names = ("participant_id", "module", "answer", "event_time", "expires_at", "id")
    rows = columns.lookup(ConsentAnswer, "participant_id", ids, *names)
    told = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table(
        {
            "participant": pa.array(told[0], pa.int64()),
            "module": pa.array(told[1], pa.string()),
            "answer": pa.array(told[2], pa.string()),
            "at": _moments(told[3]),
            "expires_at": _moments(told[4]),
            "seq": pa.array(told[5], pa.int64()),
        }
    )


def _moments(values: Sequence[datetime | None]) -> pa.Array:
    return pa.array([value if value is None else plain(value) for value in values], PLAIN)


def plain(value: datetime) -> datetime:
    """Naive UTC. SQLite gives naive moments already, PostgreSQL aware ones."""
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
