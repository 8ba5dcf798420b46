"""How far the program has come: one number for each thing that it collects, with its definition. Nothing that it has not begun."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonweal import disclosure
from commonweal.vault.journey.figures import policy_of
from commonweal.vault.representation.figures.metrics import METRICS
from commonweal.vault.representation.models import PublishedFigures
from commonweal.vault.representation.page import charts
from commonweal.vault.representation.page.shown import Shown
from commonweal.vault.voice.models import ReleaseRoll, Study

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

SHOWN = ("participants", "complete", "ehr_file", "measured", "dna", "wgs")


def context(protocol: "Protocol", program: PublishedFigures | None, now: datetime) -> dict[str, Any]:
    """`numbers`: (name, number as shown, what is counted)."""
    rule = protocol.privacy.disclosure
    numbers = []
    if program:
        shown = Shown(program.document)
        numbers = [
            (str(METRICS[id].title), charts.number(shown.metric(id)), str(METRICS[id].counts))
            for id in SHOWN
            if shown.metric(id) is not None
        ]
        numbers += _shares(shown, protocol)
    return {
        "numbers": numbers + _releases(protocol) + _studies(),
        "counted_at": program.counted_at if program else None,
        "few": rule.min_cell,
    }


def _shares(shown: Shown, protocol: "Protocol") -> list[tuple[str, str, str]]:
    rows = charts.goals(protocol, shown) if not shown.few else []
    return [
        (
            row["label"],
            row["text"],
            _("Share of all who take part; the goal is %(goal)s.") % {"goal": f"{row['target']:.0f}%"},
        )
        for row in rows
        if not row["suppressed"]
    ]


def _releases(protocol: "Protocol") -> list[tuple[str, str, str]]:
    """Of the newest release: how many people's data researchers can study."""
    newest = ReleaseRoll.objects.filter(retracted_at=None).order_by("-published_at")
    released = newest.values_list("release", flat=True).first()
    if released is None:
        return []
    from pyroaring import BitMap

    rolls = ReleaseRoll.objects.filter(release=released, retracted_at=None).values_list("members", flat=True)
    people = len(BitMap.union(*(BitMap.deserialize(bytes(members)) for members in rolls)))
    shown = disclosure.count(people, policy_of(protocol)).persons
    count = ReleaseRoll.objects.values("release").distinct().count()
    return [
        (_("People in the newest data release"), charts.number(shown), _("People whose data, without names, are in release %(release)s.") % {"release": released}),
        (_("Data releases"), str(count), _("Releases of data published so far, those taken back among them.")),
    ]  # fmt: skip


def _studies() -> list[tuple[str, str, str]]:
    count = Study.objects.count()
    meaning = _(
        "Studies in which researchers saved a group of people, built tables of their data, or took a number about them away."
    )
    return [(_("Studies"), charts.number(count), meaning)] if count else []
