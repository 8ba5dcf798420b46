"""When people are under observation: their observation periods, those that touch or overlap made one."""

import ibis
import ibis.expr.types as ir

from commonweal.commons.release import Release
from commonweal.errors import BadInput


def observed(release: Release) -> ir.Table:
    """person_id, since, until: spans of days, both ends included; a person's spans do not touch.

    Raises BadInput where the release has no observation_period.
    """
    if not release.has("observation_period"):
        raise BadInput(
            f"release {release.name} has no table observation_period, which says who was observed when; add one"
        )
    table = release.table("observation_period")
    spans = table.select(
        person_id="person_id",
        since=table.observation_period_start_date.cast("date"),
        until=table.observation_period_end_date.cast("date"),
    )
    spans = spans.filter(spans.since <= spans.until)
    ordered = {"group_by": "person_id", "order_by": ["since", "until"]}
    reached = spans.until.max().over(ibis.window(**ordered, preceding=(None, 1)))
    marked = spans.mutate(new=(reached.isnull() | (spans.since.delta(reached, unit="day") > 1)).cast("int64"))
    numbered = marked.mutate(island=marked.new.sum().over(ibis.window(**ordered, preceding=None, following=0)))
    joined = numbered.group_by(["person_id", "island"]).aggregate(
        since=numbered.since.min(), until=numbered.until.max()
    )
    return joined[["person_id", "since", "until"]]


def before(spans: ir.Table) -> ir.Table:
    """The same with `previous`: the last day of the person's span before, or null."""
    last = spans.until.lag().over(ibis.window(group_by="person_id", order_by="since"))
    return spans.mutate(previous=last)
