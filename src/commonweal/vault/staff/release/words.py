"""What stages, tiers, tables and differences of releases are called, in plain words; and what to do where a check fails."""

import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.ui import reasons
from commonweal.vault.staff.risk import words as risk

STAGES = {
    "facts": _("Reading the facts"),
    "surveys": _("Reading surveys"),
    "records": _("Bringing health records into the standard form"),
    "site_tables": _("Reading the tables that sites sent"),
    "wearables": _("Reading wearable devices"),
    "sorting": _("Sorting the facts by person"),
    "rules": _("Applying the rules"),
    "periods": _("Working out periods and eras"),
    "looking": _("Looking at every table"),
    "risk": _("Measuring the risk"),
    "counting": _("Counting, and rounding what is counted"),
    "checking": _("Checking the finished files"),
}
PUBLIC_TABLES = {
    "totals": _("How many people there are, and how many with data of each kind"),
    "demographics": _("People by sex, age, race, ethnicity and state"),
    "concept_counts": _("People by each condition, drug, procedure and measurement"),
    "measurement_histograms": _("How the values of common measurements are spread"),
    "survey_answers": _("How many people gave each answer of the surveys"),
}
PEOPLE = {
    "withdrew": _("withdrew"),
    "left the program": _("left the program"),
    "no longer agree": _("no longer agree"),
    "left out by a rule": _("are left out by a rule"),
    "joined since": _("joined since"),
    "were left out before": _("were left out before"),
}
ADVICE = {
    "structure": _("The files are not as they must be. Build again; if it comes back, tell whoever runs the program."),
    "files": _("A file is not what was built. Build again, and find out who changed it."),
    "reconcile": _("Rows got lost or came twice. Do not publish; tell whoever runs the program."),
    "consent": _("There are rows that no agreement covers. Build again: whoever no longer agrees is left out."),
    "identifiers": _(
        "Something of a person got into a file. Do not publish; find the column and the rule that let it by."
    ),
    "privacy": _("A rule let something by. Do not publish; mend the rule or the protocol, and build again."),
    "wearables": _("A rule let something by. Do not publish; mend the rule or the protocol, and build again."),
    "quality": _("It shows what sites send. Look at their reports (Health records); the limits stand in quality.toml."),
    "drift": _("The tier differs much from the release before. Find out why; where it is meant, say so below."),
    "risk": _("See the risk report: make the data coarser, or decide on another limit in the protocol and say why."),
    "public": _("The counts are not those of the registered tier. Build both tiers again."),
}
_CHANGED = {
    "protocol": _("The protocol changed."),
    "software": _("The software changed."),
    "vocabulary": _("The vocabulary changed."),
    "reference": _("The reference tables changed."),
}
_DEPENDS = {
    "generalise.state": _("a state is named while enough of its people are in the release"),
    "wearables.models": _("a model of device is named while enough people have it"),
    "places.few_people": _("areas are named while enough people live there"),
    "quality.weights": _("weights are judged by those of others at the site"),
    "identifiers.sources": _("sites and sources are numbered anew when one of them comes or goes"),
    "identifiers.devices": _("devices are numbered in an order that depends on all of them"),
}
_REASONS: tuple[tuple[str, Any], ...] = (
    (r"people left: .*", _("People left: all their rows are gone.")),
    (r"people came: .*", _("People came: all their rows are new.")),
    (
        r"the data cutoff moved from (?P<first>\S+) to (?P<second>[\d-]+): .*",
        _("The data go until %(second)s, before until %(first)s: what happened between is new."),
    ),
    (r"facts and corrections .*", _("What was given or corrected since is known now.")),
    (r"rules changed: (?P<rules>.*)", _("Rules changed: %(rules)s.")),
)


def tier(name: str) -> Any:
    return risk.TIERS.get(name, name)


def stage(what: str, words: str) -> str:
    """What a stage is called; its own words where it is not known."""
    return str(STAGES.get(what, words))


def check(name: str) -> str:
    """What a check asks."""
    limit = name.removeprefix("risk.")
    if name.startswith("risk.") and (limit in risk.LIMITS or limit.startswith("attack.")):
        return str(risk.limit(limit))
    return reasons.check(name)


def reason(told: str) -> str:
    """Why rows differ, as the manifest says it, in the language of the page."""
    for pattern, words in _REASONS:
        if found := re.fullmatch(pattern, told):
            return str(words) % found.groupdict()
    if told.removesuffix(" changed") in _CHANGED:
        return str(_CHANGED[told.removesuffix(" changed")])
    rule, depends, _why = told.partition(" depends on who else is there: ")
    if depends and rule in _DEPENDS:
        return gettext("%(rule)s depends on who else is there: %(why)s.") % {"rule": rule, "why": _DEPENDS[rule]}
    return told
