"""What the pages of campaigns, events and places have in common."""

from typing import Any

from django.http import HttpRequest

from commonweal.errors import BadInput, Refused
from commonweal.protocol import Protocol
from commonweal.ui.context import current_protocol
from commonweal.vault.partners import kinds, partners, places, records, tree
from commonweal.vault.partners import links as links_of
from commonweal.vault.partners.funnels import Report
from commonweal.vault.partners.models import Campaign, CampaignDetails, Event, Material, Outreach, OutreachLink, Placed
from commonweal.vault.people import codes
from commonweal.vault.staff.outreach import figures
from commonweal.vault.staff.outreach.fields import OVERTAKEN
from commonweal.vault.staff.outreach.forms import LinkForm


def words_for(error: Exception) -> str:
    """What a page says of a refusal."""
    if isinstance(error, records.Overtaken):
        return str(OVERTAKEN)
    return str(error)


def funnel(report: Report, path: tree.Path) -> dict[str, Any]:
    """The chart of a path, its table, and what it has cost."""
    one = report.funnels[path]
    return {
        "funnel": one,
        "spent": figures.dollars(one.dollars),
        "title": figures.title(one),
        "bars": figures.bars(one),
        "columns": figures.columns(),
        "table": figures.table(one),
        "heads": figures.cell_columns(),
    }


def lists(told: CampaignDetails, protocol: Protocol) -> dict[str, str]:
    """Lists of a campaign in words."""
    categories = kinds.categories(protocol)
    return {
        "languages": ", ".join(language(one) for one in told.languages),
        "audience": ", ".join(categories.get(one, one) for one in told.audience),
        "states": ", ".join(told.states),
        "materials": materials(told.materials),  # type: ignore[dict-item]
    }


def language(code: str) -> str:
    return str(kinds.LANGUAGES.get(code, code))


def materials(uuids: list[str]) -> Any:
    """What was used, in the version that was used."""
    return Material.objects.filter(uuid__in=uuids).order_by("title", "pk")


def counted_with(one: Outreach, protocol: Protocol) -> dict[str, Any]:
    """Where people and costs are counted, if the place belongs elsewhere now."""
    if not places.has_moved(one, protocol):
        return {"moved": False}
    names = partners.names()
    site = protocol.sites.get(one.place)
    now = places.name(Placed.ORGANISATION, site.organisation, protocol, names) if site else ""
    level, id = (Placed.ORGANISATION, one.organisation) if one.organisation else (Placed.AWARDEE, one.awardee)
    return {"moved": True, "then": places.name(level, id, protocol, names), "now": now}


def links(found: Any, report: Report) -> list[dict[str, Any]]:
    """The links of a campaign or an event, the newest first, with their figures."""
    rows = found.select_related("invitation", "campaign", "event__campaign").order_by("-pk")
    return [
        {
            "label": one.invitation.label,
            "code": one.invitation.code,
            "spoken": codes.spoken(one.invitation.code),
            "cells": figures.cells(report.funnels[tree.of_link(one)])[:5],
            "ways": [
                f"{figures.WAYS[way]}: {figures.said(count)}"
                for way, count in sorted(report.ways[tree.of_link(one)].items())
            ],
        }
        for one in rows
    ]


def make_link(request: HttpRequest, one: Campaign | Event, form: LinkForm) -> OutreachLink | None:
    """Make a link, or say in the form why not."""
    if not form.is_valid():
        return None
    try:
        return links_of.make(one, form.cleaned_data["label"], protocol=current_protocol(), by=request.user)  # type: ignore[arg-type]
    except (BadInput, Refused) as error:
        form.add_error("label", str(error))
        return None
