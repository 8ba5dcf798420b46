"""What outreach has reached, one row a link, as `planning` learns from it.

Only events tell how many people were met. Openings of links are not people, so campaigns without events tell nothing here.
What was met and paid at an event with several links stands with the first of them.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from commonweal.vault.partners import records
from commonweal.vault.partners.models import EventDetails, OutreachLink, Placed

SCHEMA = pa.schema(
    [
        ("invitation", pa.int64()),
        ("site", pa.string()),  # "" where it was not of a site
        ("approach", pa.string()),
        ("language", pa.string()),
        ("contacts", pa.float64()),
        ("cost", pa.float64()),
        ("events", pa.float64()),
    ]
)


def table() -> pa.Table | None:
    """None where no event tells whom it met."""
    found = list(_rows())
    return pa.Table.from_pylist(found, schema=SCHEMA) if found else None


def _rows() -> Iterator[dict[str, Any]]:
    links: dict[int, list[int]] = {}
    for event, invitation in OutreachLink.objects.exclude(event=None).order_by("pk").values_list("event", "invitation"):
        links.setdefault(event, []).append(invitation)
    for one in records.standing(EventDetails.objects.filter(met__gt=0).select_related("event")):
        site = one.event.place if one.event.level == Placed.SITE else ""
        for number, invitation in enumerate(links.get(one.event_id, ())):
            row: dict[str, Any] = {"invitation": invitation, "site": site, "approach": "event"}
            row |= {"language": one.language, "contacts": 0.0}
            yield row | ({} if number else {"contacts": one.met, "cost": one.dollars, "events": 1.0})
