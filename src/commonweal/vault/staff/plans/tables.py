"""An answer as tables: goals, what to do where and when, when each goal is met, and what each option brings."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from commonweal.vault.planning.wording import money, month, number, of, percent
from commonweal.vault.staff.plans import words

Answer = dict[str, Any]
Table = dict[str, Any]
_NONE = "–"


def goals(answer: Answer) -> Table:
    """What is expected at the end of the plan."""
    heads = (_("Goal"), _("Expected"), _("Most likely"), _("People lacking"))
    return {
        "columns": [_("What"), *((head, "number") for head in heads)],
        "rows": [_goal(answer, g) for g in answer["goals"]],
    }


def _goal(answer: Answer, goal: Answer) -> list[str]:
    tell = percent if goal["kind"] == "share" else number
    between = f"{tell(goal['low'])} – {tell(goal['high'])}"
    short = number(round(goal["short"])) if goal["short"] >= 0.5 else _NONE
    return [capfirst(of(answer, goal["of"])), tell(goal["target"]), tell(goal["expected"]), between, short]


def doing(answer: Answer) -> Table:
    """What, where, when and for how much; months in a row that are alike stand together."""
    columns = [_("What"), _("Where"), _("When"), (_("A month"), "number"), (_("Cost"), "number")]
    options = {option["id"]: option for option in answer["options"]}
    rows = [
        _done(options[name], stretch)
        for name in dict.fromkeys(row["option"] for row in answer["plan"])
        for stretch in _stretches([row for row in answer["plan"] if row["option"] == name])
    ]
    return {"columns": columns, "rows": rows, "note": _starts(answer)}


def _stretches(rows: list[Answer]) -> Iterator[list[Answer]]:
    """Rows of one option, parted where what is done changes or a month is left out."""

    def alike(numbered: tuple[int, Answer]) -> tuple[int, Any, Any]:
        place, row = numbered
        year, after = row["month"].split("-")
        return int(year) * 12 + int(after) - place, row["events"], row["contacts"]

    for _key, found in groupby(enumerate(rows), alike):
        yield [row for _place, row in found]


def _done(option: Answer, rows: list[Answer]) -> list[str]:
    first = rows[0]
    each = _("%(contacts)s contacts") % {"contacts": number(first["contacts"])}
    if first["events"] is not None:
        each = _("Events: %(events)s, %(each)s") % {"events": number(first["events"]), "each": each}
    what = f"{option['id']} ({words.approach(option['approach'])}, {words.language(option['language'])})"
    when = words.months(first["month"], rows[-1]["month"])
    return [what, words.place(option["site"], option["area"]), when, each, money(sum(row["cost"] for row in rows))]


def _starts(answer: Answer) -> str:
    total, starts = (sum(option[name] for option in answer["options"]) for name in ("cost", "start_cost"))
    if not starts:
        return _("In all %(total)s.") % {"total": money(total)}
    return _("In all %(total)s, of which %(starts)s once at the start.") % {
        "total": money(total),
        "starts": money(starts),
    }


def dates(answer: Answer) -> Table:
    """By when each goal is met in the runs, with the plan and without."""
    heads = [_("1 of 10 runs"), _("Half of the runs"), _("9 of 10 runs")]
    columns = [_("What"), *heads, (_("Runs that meet it"), "number"), (_("If nothing is done"), "number")]
    told, nothing = answer["simulation"], answer["simulation"]["nothing"]
    rows = [
        _date(answer, capfirst(of(answer, goal["of"])), goal, other)
        for goal, other in zip(told["goals"], nothing["goals"], strict=True)
    ]
    return {"columns": columns, "rows": [*rows, _date(answer, _("All goals at once"), told["all"], nothing["all"])]}


def _date(answer: Answer, name: str, met: Answer, nothing: Answer) -> list[str]:
    whens = [_when(answer, met[at]) for at in ("early", "median", "late")]
    return [name, *whens, percent(met["probability"]), percent(nothing["probability"])]


def _when(answer: Answer, name: str) -> str:
    if not name:
        return _("not in this time")
    return _("already today") if name == answer["today"] else month(name)


def options(answer: Answer) -> Table:
    """People for $1,000, and of them whom research has left out."""
    heads = [_("People for $1,000"), _("Minorities for $1,000"), _("Consented so far")]
    rows = []
    for one in answer["options"]:
        brings = [_interval(one["per_1000"][name]) for name in ("people", "minority")]
        past = one["past"]["consented"]
        rows.append([one["id"], *brings, _("a few") if past is None else number(past)])
    return {"columns": [_("Option"), *((head, "number") for head in heads)], "rows": rows}


def _interval(told: Answer | None) -> str:
    if told is None:
        return _NONE
    return f"{number(told['middle'], 1)} ({number(told['low'], 1)} – {number(told['high'], 1)})"
