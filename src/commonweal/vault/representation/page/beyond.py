"""Whether inclusion ends at enrolment: the same shares of those who take part, of the newest release, and of what was studied."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from commonweal.ui import matrix
from commonweal.vault.representation.figures.releases import RELEASE, release_id
from commonweal.vault.representation.figures.studies import ALL, STUDY
from commonweal.vault.representation.models import PlaceFigures, PublishedFigures
from commonweal.vault.representation.page import charts, words
from commonweal.vault.representation.page.places import Place, tiers
from commonweal.vault.representation.page.shown import Shown
from commonweal.vault.voice.models import ReleaseRoll

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

LEVELS = ("program", RELEASE, STUDY)  # of these the comparison is shown
Find = Callable[[str, str], PlaceFigures | PublishedFigures | None]


def chart(protocol: "Protocol", here: Place, find: Find) -> matrix.Matrix | None:
    """Categories by how far people's data came; None where nothing beyond enrolment can be told.

    `find`: the figures of a level and place, as who looks may see them.
    """
    if here.level not in LEVELS:
        return None
    stages = [(_("Take part"), "program", ""), *_newest(), (_("Used in studies"), STUDY, ALL)]
    if (here.level, here.id) not in [(level, id) for _name, level, id in stages]:
        stages.append((here.name, here.level, here.id))
    found = [(name, Shown(figures.document)) for name, level, id in stages if (figures := find(level, id))]
    told = [(name, shown) for name, shown in found if shown.people is not None and not shown.few]
    if len(told) < 2:
        return None
    named = words.categories(protocol).items()
    rows = [(title, [charts.cell(shown.share_of(id)) for _name, shown in told]) for id, title in named]
    return matrix.matrix(
        _("From joining to research"),
        [name for name, _shown in told],
        rows,
        corner=_("Category"),
        subtitle=_(
            "Percent who are underrepresented, of those who take part, whose data are in the newest release, and whose data studies have used"
        ),
        words=lambda value: f"{value:.0f}%",
    )


def _newest() -> list[tuple[str, str, str]]:
    """(name, level, id) of each tier of the newest release that has rows of persons."""
    rolls = ReleaseRoll.objects.filter(retracted_at=None).exclude(tier="public").defer("members")
    newest = rolls.order_by("-published_at").first()
    if newest is None:
        return []
    names = tiers()
    return [
        (f"{one.release}, {names.get(one.tier, one.tier)}", RELEASE, release_id(one))
        for one in rolls.filter(release=newest.release).order_by("-tier")
    ]
