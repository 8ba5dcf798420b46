"""Names of what figures are broken down by, in the language of the page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from commonweal.ui.context import words
from commonweal.vault.representation.rules import OVERALL

if TYPE_CHECKING:
    from commonweal.protocol import Protocol


def categories(protocol: "Protocol") -> dict[str, str]:
    """Id -> title, `overall` first."""
    titles = {one.id: words(one.title) for one in protocol.representation.categories}
    return {OVERALL: _("Any category"), **titles}


def definitions(protocol: "Protocol") -> list[tuple[str, str]]:
    """(title, who counts as underrepresented) of each category that says it."""
    told = [(words(one.title), words(one.definition)) for one in protocol.representation.categories if one.definition]
    return [(_("Any category"), _("Underrepresented by at least one of the categories below.")), *told]


def outcomes() -> dict[str, str]:
    return {"UBR": _("Underrepresented"), "RBR": _("Represented"), "NotAnswer": _("Not answered")}


def sexes() -> dict[str, str]:
    return {"female": _("Female"), "male": _("Male"), "intersex": _("Intersex"), "unknown": _("Not known")}


def groups(protocol: "Protocol") -> Mapping[str, str]:
    """Groups of race and ethnicity, and those of the census."""
    settings = protocol.representation.race
    if settings is None:
        return {}
    told = {id: words(title) for id, title in settings.titles.items()}
    return told | {"WHITE_NH": _("White, not Hispanic"), "": _("Not answered")}


def age(band: str) -> str:
    if not band:
        return _("Not known")
    if band.endswith("+"):
        return _("%(age)s and older") % {"age": band[:-1]}
    return band.replace("-", "–")


def fifths() -> dict[str, str]:
    return {"1": _("Least deprived fifth"), "2": _("Second fifth"), "3": _("Middle fifth"), "4": _("Fourth fifth"), "5": _("Most deprived fifth")}  # fmt: skip


def rural() -> dict[str, str]:
    return {"metropolitan": _("City and its surroundings"), "micropolitan": _("Large town"), "small_town": _("Small town"), "rural": _("Countryside")}  # fmt: skip
