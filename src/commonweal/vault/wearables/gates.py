"""Which days of wearable data may be taken in: those of people who share that provider now, and had not refused it then.

Who says yes shares what the device has saved as well, also from before they were first asked; days on which their word was
no, or a yes had ended, stay out.

A day counts by its end: the day on which somebody agrees is a whole one. Of a day that is not over, this moment counts.
Days are compared in UTC, in which a local day ends up to 14 hours earlier or 12 later: an answer of that span may count
for its whole day.
"""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault import columns
from commonweal.vault.consent.population import granted_at
from commonweal.vault.wearables.rules import scope_of


def shared_days(days: pa.Table, received: datetime) -> pa.ChunkedArray:
    """Whether each (participant, provider, date) of `days` may be taken in at `received`; bool, in order."""
    numbers = pa.chunked_array([pa.array(range(days.num_rows), pa.int64())])
    answers = []
    for provider in days["provider"].unique().to_pylist():
        mine = days.append_column("row", numbers).filter(pc.equal(days["provider"], provider))
        answers.append(pa.table({"row": mine["row"], "granted": _granted(mine, provider, received)}))
    if not answers:
        return pa.chunked_array([pa.array([], pa.bool_())])
    return pa.concat_tables(answers).sort_by("row")["granted"]


def _granted(days: pa.Table, provider: str, received: datetime) -> pa.ChunkedArray:
    """Both moments are asked at once, so that everybody's answers are read once."""
    now = pa.scalar(received.astimezone(UTC), columns.MOMENT)
    ends = pc.add(days["date"].cast(pa.timestamp("us")), pa.scalar(timedelta(days=1) - timedelta(microseconds=1)))
    ends = ends.cast(pa.timestamp("us")).cast(columns.MOMENT)
    then = pc.if_else(pc.less(ends, now), ends, now)
    people = days["participant"].unique()
    moments = pa.concat_tables(
        [
            pa.table({"participant": days["participant"], "at": then}),
            pa.table({"participant": people, "at": pa.repeat(now, len(people))}),
        ]
    )
    told = granted_at(moments, scope_of(provider), received, new_data=True, saved=True)
    sharing = people.filter(told.slice(days.num_rows).combine_chunks())
    return pa.chunked_array(
        [pc.and_(told.slice(0, days.num_rows), pc.is_in(days["participant"], sharing)).combine_chunks()]
    )
