"""Writing statuses of many people: the kept copies, and the levels that are new to the history."""

from datetime import datetime

import orjson
import pyarrow as pa
from django.db import connection, transaction

from commonweal.ui.context import current_protocol
from commonweal.vault import columns
from commonweal.vault.journey.models import EnrolmentStatus, StatusHistory
from commonweal.vault.journey.status.ladders import Rung
from commonweal.vault.journey.status.queries import KEPT, STEPS

SPAN = 50_000  # people written in one transaction
_FRESH = "fresh_status"


def save(fresh: pa.Table, now: datetime) -> int:
    """Write `fresh` (participant_id, KEPT, cohort, STEPS), computed at `now`; answers how many people were written.

    Levels that the history has already stay, and so does a copy that another run computed later.
    """
    for start in range(0, fresh.num_rows, SPAN):
        with transaction.atomic():
            _save(fresh.slice(start, SPAN), columns.literal(now))
    return fresh.num_rows


def _save(fresh: pa.Table, now: str) -> None:
    copies, history = (model._meta.db_table for model in (EnrolmentStatus, StatusHistory))
    names = ", ".join(("participant_id", *KEPT))
    updates = ", ".join(f"{name} = excluded.{name}" for name in (*KEPT, "computed_at"))
    columns.temporary(_FRESH, fresh)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {copies} ({names}, computed_at) SELECT {names}, {now} FROM {_FRESH} WHERE true"
            f" ON CONFLICT (participant_id) DO UPDATE SET {updates} WHERE {copies}.computed_at <= excluded.computed_at"
        )
        for step, (version, rung) in STEPS.items():
            for needs, cohorts in _needs(rung).items():
                cursor.execute(
                    f"INSERT INTO {history} (participant_id, version, status, since, dependencies, noted_at)"
                    f" SELECT participant_id, '{version}', '{rung.level}', {step}, '{needs}', {now} FROM {_FRESH}"
                    f" WHERE {step} IS NOT NULL AND cohort IN ({cohorts}) ON CONFLICT DO NOTHING"
                )


def _needs(rung: Rung) -> dict[str, str]:
    """What a level stands on, as JSON, and the cohorts for which it does, as SQL."""
    found: dict[str, list[str]] = {}
    for cohort in (1, 2, 3):
        needs = orjson.dumps(
            rung.required(pediatric=False, cohort=cohort, baseline=current_protocol().baseline)
        ).decode()
        found.setdefault(needs, []).append(str(cohort))
    return {needs: ", ".join(cohorts) for needs, cohorts in found.items()}
