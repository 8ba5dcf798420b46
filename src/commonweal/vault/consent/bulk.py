"""The bulk door for consent: the set-based twin of answering modules and withdrawing, through the same gates."""

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from commonweal import audit
from commonweal.vault import columns
from commonweal.vault.consent import bulk_rules
from commonweal.vault.consent.models import ConsentAnswer, Withdrawal
from commonweal.vault.consent.population import population_grants

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

__all__ = ["population_grants", "record", "record_withdrawals", "take", "take_withdrawals"]


def record(answers: pa.Table, *, protocol: "Protocol", source: str, received_time: datetime) -> int:
    """`take`, answering only how many answers were added."""
    outcome = take(answers, protocol=protocol, source=source, received_time=received_time)["outcome"]
    return pc.sum(pc.equal(outcome, "accepted")).as_py() or 0


def take(answers: pa.Table, *, protocol: "Protocol", source: str, received_time: datetime) -> pa.Table:
    """Take answers in; answers one row each, in order: participant, module, outcome (accepted|unchanged|rejected), reason.

    `answers`: participant, module, answer, at (timestamp us UTC), language, signed_name. The text is taken to be the
    module's current version in that language. One audit event.
    """
    with transaction.atomic():
        judged = bulk_rules.judge(answers, protocol, received_time)
        columns.insert(
            ConsentAnswer, _facts(judged.filter(pc.equal(judged["outcome"], "accepted")), source, received_time)
        )
        answer = judged.select(["participant", "module", "outcome", "reason"])
        _record("consent.answers", answer, source)
    return answer


def record_withdrawals(withdrawals: pa.Table, *, source: str, received_time: datetime) -> int:
    """`take_withdrawals`, answering only how many were added."""
    outcome = take_withdrawals(withdrawals, source=source, received_time=received_time)["outcome"]
    return pc.sum(pc.equal(outcome, "accepted")).as_py() or 0


def take_withdrawals(withdrawals: pa.Table, *, source: str, received_time: datetime) -> pa.Table:
    """Take withdrawals in (participant, at, reason); answers participant, outcome, reason. One audit event.

    Nobody is kept: a withdrawal is refused only for somebody unknown or a moment to come. A second one changes nothing.
    """
    with transaction.atomic():
        judged = bulk_rules.judge_withdrawals(withdrawals, received_time)
        columns.insert(
            Withdrawal, _withdrawal_facts(judged.filter(pc.equal(judged["outcome"], "accepted")), source, received_time)
        )
        answer = judged.select(["participant", "outcome", "reason"])
        _record("consent.withdrawals", answer, source)
    return answer


def _facts(good: pa.Table, source: str, received_time: datetime) -> pa.Table:
    return pa.table(
        {
            "event_time": good["at"],
            "authored_time": good["at"],
            "received_time": pa.repeat(pa.scalar(received_time, columns.MOMENT), good.num_rows),
            "source": pa.repeat(source, good.num_rows),
            "idempotency_key": good["idempotency_key"],
            "participant_id": good["participant"],
            **{name: good[name] for name in _COPIED},
        }
    )


_COPIED = ("module", "version", "form", "content_sha256", "language", "answer", "scopes", "signed_name", "expires_at")


def _withdrawal_facts(good: pa.Table, source: str, received_time: datetime) -> pa.Table:
    return pa.table(
        {
            "event_time": good["at"],
            "authored_time": good["at"],
            "received_time": pa.repeat(pa.scalar(received_time, columns.MOMENT), good.num_rows),
            "source": pa.repeat(source, good.num_rows),
            "idempotency_key": good["idempotency_key"],
            "participant_id": good["participant"],
            "reason": good["why"],
            "kind": good["kind"],
        }
    )


def _record(action: str, answer: pa.Table, source: str) -> None:
    said = {one["values"]: one["counts"] for one in pc.value_counts(answer["outcome"]).to_pylist()}
    if answer.num_rows:
        audit.record(action, actor=source, count=answer.num_rows, **said)
