"""Outreach at a glance: the program's whole, and the campaigns, events and places of one's reach; the same as a file."""

import csv
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.ui.context import current_protocol
from commonweal.vault.partners import funnels, partners, places, records, tree
from commonweal.vault.partners.funnels import Funnel, Report
from commonweal.vault.partners.models import Campaign, CampaignDetails, Event, EventDetails, Outreach
from commonweal.vault.partners.tree import Path
from commonweal.vault.people.models import Account
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import figures, reach

Row = dict[str, Any]
SHOWN = 100  # rows of a list on the page; the file has all


@permission_required(reach.PERMISSION)
@require_safe
def outreach(request: HttpRequest) -> HttpResponse:
    """All that one's roles reach, with the program's whole above it."""
    protocol, account = current_protocol(), request.user
    report = funnels.report(protocol)
    campaigns = campaign_rows(account, report)  # type: ignore[arg-type]
    events = event_rows(account, report)  # type: ignore[arg-type]
    alone = [row for row in events if row["one"].campaign is None]
    scope = reach.scope_of(account)  # type: ignore[arg-type]
    context = {
        "title": figures.title(report.program),
        "bars": figures.bars(report.program),
        "columns": figures.columns(),
        "table": figures.table(report.program),
        "campaigns": campaigns[:SHOWN],
        "all_campaigns": len(campaigns),
        "events": alone[:SHOWN],
        "all_events": len(alone),
        "heads": figures.cell_columns(),
        "place_columns": [_("Place or partner"), *figures.cell_columns()],
        "places": figures.by_place(report, scope, protocol),
        "moved": [row for row in campaigns + events if row["moved"]],
        "keeps_partners": reach.keeps_partners(account),  # type: ignore[arg-type]
        "own_partners": own_partners(account),  # type: ignore[arg-type]
    }
    return render(request, "staff/outreach/outreach.html", context)


def own_partners(account: Account) -> list[tuple[str, str]]:
    """The partners for which the account has a role of its own: id and name."""
    names = partners.names()
    return [(slug, names.get(slug, slug)) for slug in sorted(reach.scope_of(account).partners)]


def campaign_rows(account: Account, report: Report) -> list[Row]:
    """The newest first."""
    told = {one.campaign_id: one for one in records.standing(CampaignDetails.objects.all())}
    names, protocol = partners.names(), current_protocol()
    found = reach.campaigns(account).order_by("-made_at", "-pk")
    return [_row(one, tree.of_campaign(one), told[one.pk], report, names, protocol) for one in found if one.pk in told]


def event_rows(account: Account, report: Report) -> list[Row]:
    """The latest day first."""
    told = {one.event_id: one for one in records.standing(EventDetails.objects.all())}
    names, protocol = partners.names(), current_protocol()
    found = sorted((one for one in reach.events(account) if one.pk in told), key=lambda one: told[one.pk].day)
    return [_row(one, tree.of_event(one), told[one.pk], report, names, protocol) for one in reversed(found)]


def _row(
    one: Campaign | Event,
    path: Path,
    told: CampaignDetails | EventDetails,
    report: Report,
    names: dict[str, str],
    protocol: Any,
) -> Row:
    return {
        "one": one,
        "told": told,
        "whose": places.name(one.level, one.place, protocol, names),
        "moved": places.has_moved(one, protocol),
        "entered_for": entered_for(one, protocol, names),
        "cells": figures.cells(report.funnels[path]),
        "funnel": report.funnels[path],
    }


def entered_for(one: Outreach, protocol: Any, names: dict[str, str]) -> str:
    """The organisation, or awardee, with which something is counted."""
    level, id = ("organisation", one.organisation) if one.organisation else ("awardee", one.awardee)
    return places.name(level, id, protocol, names) if id else places.name(one.level, one.place, protocol, names)


@permission_required(reach.PERMISSION)
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The figures of the pages as one table; what is withheld is empty."""
    account, protocol = request.user, current_protocol()
    report = funnels.report(protocol)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="outreach.csv"'
    sheet = csv.writer(answer)
    sheet.writerow(["what", "name", "of", *figures.STEPS, "dollars", "dollars_each_account", "dollars_each_baseline"])
    rows = list(_lines(account, report, protocol))  # type: ignore[arg-type]
    sheet.writerows(rows)
    audit.record("outreach.listed", actor=account, count=len(rows))
    return answer


def _lines(account: Account, report: Report, protocol: Any) -> Any:
    names = partners.names()
    yield _line("program", protocol.name, "", report.program)
    for path in sorted(figures.place_paths(report, reach.scope_of(account))):
        yield _line(path[-1][0], figures.place_name(path, protocol, names), "", report.funnels[path])
    for row in campaign_rows(account, report):
        yield _line("campaign", row["told"].name, row["whose"], row["funnel"])
    for row in event_rows(account, report):
        yield _line("event", row["told"].name, row["whose"], row["funnel"])
    for path, funnel in report.funnels.items():
        if path and path[-1][0] == tree.LINK and reach.sees(reach.scope_of(account), path):
            yield _line("link", path[-1][1], "", funnel)


def _line(what: str, name: str, whose: str, funnel: Funnel) -> list[Any]:
    numbers = ["" if one.count.suppressed else one.count.persons for one in funnel.steps]
    each = [funnel.step(step).cents_each for step in ("account", "baseline")]
    costs = ["" if amount is None else f"{amount / 100:.2f}" for amount in each]
    return [what, cell(name), cell(whose), *numbers, funnel.dollars, *costs]


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
