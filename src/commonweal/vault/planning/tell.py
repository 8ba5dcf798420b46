"""An answer in plain words, in the language of the moment: what to do, why, what it would bring, what it does not know."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.vault.planning.tell_why import left_out, what_would_help, why
from commonweal.vault.planning.wording import money, month, number, of, percent

Answer = dict[str, Any]


def text(answer: Answer) -> str:
    """Paragraphs, parted by blank lines."""
    return "\n\n".join(part for parts in sections(answer).values() for part in parts if part)


def sections(answer: Answer) -> dict[str, list[str]]:
    """The same by what they are about, in their order. Lines of a list begin with "- ", after a line that names it."""
    return {
        "headline": [_headline(answer)],
        "goals": list(_goals(answer)),
        "doing": ["\n".join(_doing(answer))],
        "why": list(why(answer)),
        "help": list(what_would_help(answer)),
        "left_out": ["\n".join(left_out(answer))],
        "chances": [_chances(answer)],
        "dates": ["\n".join(_dates(answer))],
        "unknown": [_unknown(answer)],
    }


def _headline(answer: Answer) -> str:
    if answer["met"] and not answer["months"]:
        return _("All goals are met today.")
    cost = money(sum(option["cost"] for option in answer["options"]))
    if answer["met"]:
        said = {"month": month(answer["month"]), "cost": cost}
        return _("The goals can be reached by the end of %(month)s, for %(cost)s.") % said
    said = {"months": answer["months"], "cost": cost}
    return (
        _("Not all goals can be reached in %(months)s months with these means. What comes nearest costs %(cost)s.")
        % said
    )


def _goals(answer: Answer) -> Iterator[str]:
    lines = [_goal(answer, goal) for goal in answer["goals"]]
    if answer["months"]:
        yield "\n".join([_("At the end of the plan we expect:"), *lines])


def _goal(answer: Answer, goal: dict[str, Any]) -> str:
    tell = percent if goal["kind"] == "share" else number
    said = {name: tell(goal[name]) for name in ("expected", "low", "high", "target")} | {"of": of(answer, goal["of"])}
    line = _("- %(of)s: %(expected)s (most likely %(low)s to %(high)s); the goal is %(target)s.") % said
    if goal["short"] < 0.5:
        return line
    short = round(goal["short"])
    words = ngettext(
        "%(people)s person is lacking for this to be as sure as asked.",
        "%(people)s people are lacking for this to be as sure as asked.",
        short,
    )
    return f"{line} " + words % {"people": number(short)}


def _doing(answer: Answer) -> Iterator[str]:
    used = [option for option in answer["options"] if option["contacts"]]
    if used:
        yield _("What to do:")
    for option in sorted(used, key=lambda one: -one["cost"]):
        said = {"id": option["id"], "site": option["site"], "cost": money(option["cost"])}
        said["contacts"] = number(option["contacts"])
        if option["events"] is None:
            yield _("- %(id)s, %(site)s: %(contacts)s contacts, %(cost)s.") % said
        else:
            words = ngettext(
                "- %(id)s, %(site)s: %(events)s event with %(contacts)s contacts, %(cost)s.",
                "- %(id)s, %(site)s: %(events)s events with %(contacts)s contacts, %(cost)s.",
                option["events"],
            )
            yield words % (said | {"events": option["events"]})


def _chances(answer: Answer) -> str:
    every, worlds = answer["simulation"]["all"], answer["assumptions"]["worlds"]
    said = {"worlds": number(worlds), "chance": percent(every["probability"])}
    nothing = percent(answer["simulation"]["nothing"]["all"]["probability"])
    line = (
        _("We ran the plan %(worlds)s times. All goals were met at once, by the end, in %(chance)s of the runs.") % said
    )
    return line + " " + _("If nothing is done, in %(chance)s.") % {"chance": nothing}


def _dates(answer: Answer) -> Iterator[str]:
    yield _("When each goal is met in these runs:")
    for goal in answer["simulation"]["goals"]:
        said = {name: month(goal[name]) if goal[name] else "" for name in ("early", "median", "late")}
        said |= {"of": of(answer, goal["of"]), "chance": percent(goal["probability"])}
        yield _date(goal, answer["today"]) % said


def _date(goal: dict[str, Any], today: str) -> str:
    if not goal["probability"]:
        return _("- %(of)s: in none of the runs.")
    if goal["late"] == today:
        return _("- %(of)s: already today.")
    if not goal["median"]:
        return _("- %(of)s: in %(chance)s of the runs.")
    if not goal["late"]:
        return _("- %(of)s: in half of the runs by the end of %(median)s; in %(chance)s of them in the end.")
    return _("- %(of)s: by the end of %(median)s in half of the runs (%(early)s in 1 of 10, %(late)s in 9 of 10).")


def _unknown(answer: Answer) -> str:
    caution = answer["assumptions"]["caution"]
    if caution >= 1:
        first = _("The plan reaches its goals on average; it does not guard against bad luck.")
    else:
        said = {"share": percent(caution)}
        first = _("The plan is made to reach its goals even on average over the worst %(share)s of what may be.") % said
    second = _(
        "It takes what the past tells for what will come, and does not know of changes that nobody has seen yet."
    )
    return f"{first} {second}"
