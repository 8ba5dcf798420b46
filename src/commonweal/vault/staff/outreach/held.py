"""Agreements, budgets and milestones as the page of a place lists them."""

from typing import Any

from django.utils.translation import gettext as _

from commonweal.ui.templatetags.ui import day
from commonweal.vault.partners import kinds, partners
from commonweal.vault.partners.models import Agreement, Budget, Milestone
from commonweal.vault.staff.outreach.figures import dollars
from commonweal.vault.staff.outreach.forms_partners import HELD_LISTS


def rows(level: str, id: str) -> list[dict[str, Any]]:
    """Each kind with its heads and lines; a line is the number to correct it by, and its cells."""
    found = partners.held_by(level, id)
    return [
        {
            "kind": kind,
            "title": HELD_LISTS[kind],
            "heads": _heads(kind),
            "lines": [(one.pk, _CELLS[kind](one)) for one in found[kind]],
        }
        for kind in partners.HELD
    ]


def _heads(kind: str) -> list[str]:
    return {
        "agreement": [_("Kind"), _("Signed on"), _("In force"), _("Paper")],
        "budget": [_("What for"), _("Period"), _("Amount")],
        "milestone": [_("What"), _("Target"), _("Due on"), _("Reached on")],
    }[kind]


def _period(begins: Any, ends: Any) -> str:
    if ends is None:
        return _("from %(day)s") % {"day": day(begins)}
    return _("%(first)s to %(last)s") % {"first": day(begins), "last": day(ends)}


def _agreement(one: Agreement) -> list[str]:
    return [
        str(kinds.AGREEMENTS.get(one.kind, one.kind)),
        day(one.signed_on),
        _period(one.begins, one.ends),
        one.document,
    ]


def _budget(one: Budget) -> list[str]:
    return [one.purpose, _period(one.begins, one.ends), dollars(one.dollars)]


def _milestone(one: Milestone) -> list[str]:
    target = f"{one.target}%" if one.measure == Milestone.SHARE else f"{one.target:,}"
    return [one.what, target, day(one.due), day(one.reached_at) if one.reached_at else _("not yet")]


_CELLS: dict[str, Any] = {"agreement": _agreement, "budget": _budget, "milestone": _milestone}
