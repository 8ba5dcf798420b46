"""The figures of outreach in words: rows of tables and bars, from funnels that have passed the gate."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.disclosure.count import Count
from commonweal.protocol import Protocol
from commonweal.ui.charts import figure
from commonweal.vault.partners import attribution, partners, places, tree
from commonweal.vault.partners.funnels import Funnel, Report, Step
from commonweal.vault.partners.models import Placed
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff.outreach import reach

STEPS = {
    attribution.OPENED: gettext_lazy("Opened a link"),
    attribution.ACCOUNT: gettext_lazy("Made an account"),
    attribution.CONSENTED: gettext_lazy("Consented"),
    attribution.RECORDS: gettext_lazy("Share health records"),
    attribution.BASELINE: gettext_lazy("Finished the baseline"),
}
HEADS = (
    gettext_lazy("Opened"),
    gettext_lazy("Accounts"),
    gettext_lazy("Consented"),
    gettext_lazy("Records"),
    gettext_lazy("Baseline"),
    gettext_lazy("Spent"),
    gettext_lazy("For each"),
)  # of the columns of lists: steps, dollars, dollars for each who finished the baseline
WAYS = {
    "link": gettext_lazy("by the link"),
    "qr": gettext_lazy("by the QR code"),
    "code": gettext_lazy("by typing the code"),
}


def said(count: Count) -> str:
    return _("withheld") if count.suppressed else figure(count.persons)


def dollars(amount: int) -> str:
    return f"${amount:,}"


def cents(amount: int | None) -> str:
    return "—" if amount is None else f"${amount // 100:,}.{amount % 100:02d}"


def percent(share: float | None) -> str:
    return "—" if share is None else f"{round(100 * share)}%"


def bars(funnel: Funnel) -> list[dict[str, Any]]:
    return [
        {"label": STEPS[one.id], "value": one.count.persons, "suppressed": one.count.suppressed} for one in funnel.steps
    ]


def title(funnel: Funnel) -> str:
    """What the chart finds, in words, where its numbers can be said."""
    came, done = (funnel.step(step).count.persons for step in (attribution.ACCOUNT, attribution.BASELINE))
    if not came:
        return _("From opening a link to the baseline")
    if not done:
        return _("About %(came)s people came this way") % {"came": figure(came)}
    return _("Of about %(came)s people who came, about %(done)s finished the baseline") % {
        "came": figure(came),
        "done": figure(done),
    }


def table(funnel: Funnel) -> list[list[Any]]:
    """Step, number, share of accounts, cost for each."""
    return [[STEPS[one.id], said(one.count), percent(one.share), cents(one.cents_each)] for one in funnel.steps]


def columns() -> list[Any]:
    return [
        _("Step"),
        (_("Number"), "number"),
        (_("Of those with an account"), "number"),
        (_("Cost for each"), "number"),
    ]


def cells(funnel: Funnel) -> list[str]:
    """Numbers of a row in a list: each step, what was spent, what each finished baseline has cost."""
    done: Step = funnel.step(attribution.BASELINE)
    return [*(said(one.count) for one in funnel.steps), dollars(funnel.dollars), cents(done.cents_each)]


def cell_columns() -> list[Any]:
    return [(head, "number") for head in HEADS]


def by_place(report: Report, scope: Scope, protocol: Protocol) -> list[list[Any]]:
    """A row for each place and partner that the scope sees, those above first."""
    known = partners.names()
    return [
        [place_name(path, protocol, known), *cells(report.funnels[path])] for path in sorted(place_paths(report, scope))
    ]


def place_paths(report: Report, scope: Scope) -> Iterable[tree.Path]:
    for path in report.funnels:
        if path and path[-1][0] in reach.LEVELS and reach.sees(scope, path):
            yield path


def place_name(path: tree.Path, protocol: Protocol, known: dict[str, str]) -> str:
    """What a place is called; of a site that has moved since, as part of what it belonged to then."""
    level, id = path[-1]
    name = places.name(level, id, protocol, known)
    above = dict(path).get(Placed.ORGANISATION, "")
    now = protocol.sites.get(id)
    if level != Placed.SITE or (now and now.organisation == above):
        return name
    return _("%(site)s, when it was part of %(organisation)s") % {
        "site": name,
        "organisation": places.name(Placed.ORGANISATION, above, protocol, known),
    }
