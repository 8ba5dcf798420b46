"""Why a plan is as it is, in words: what binds, what others would cost, and what would help where goals are not reached."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from commonweal.vault.planning.wording import money, number, of, percent

Answer = dict[str, Any]
_FEW = 5  # lines of what binds, and of what stays out


def why(answer: Answer) -> Iterator[str]:
    """What is hardest, and what keeps the plan from costing less."""
    lines = [_price(answer, goal) for goal in answer["goals"] if goal["price"] > 0.5]
    lines += [line for line in (_hold(answer, one) for one in answer["holds"][:_FEW]) if line]
    if answer["met"] and answer["remedies"]:
        lines += [_sooner(answer["remedies"])]
    if lines:
        yield "\n".join([_("Why:"), *lines])


def _price(answer: Answer, goal: dict[str, Any]) -> str:
    said = {"of": of(answer, goal["of"]), "cost": money(goal["price"])}
    if goal["kind"] == "share":
        return _("- %(of)s: one percentage point more would cost about %(cost)s.") % said
    return _("- %(of)s: one percent more would cost about %(cost)s.") % said


def _hold(answer: Answer, one: dict[str, Any]) -> str:
    group = of(answer, one["of"]) if one["kind"] == "room" else one["of"]
    said = {"where": one["where"], "of": group, "worth": money(one["worth"])}
    if one["kind"] == "hours" and one["of"]:
        return _("- Staff at %(where)s who speak '%(of)s': one hour more each month would save %(worth)s.") % said
    if one["kind"] == "hours":
        return _("- Staff at %(where)s: one hour more each month would save %(worth)s.") % said
    if one["kind"] == "room":
        return _("- In %(where)s there are no more people of the group %(of)s to be reached.") % said
    return ""


def _sooner(remedies: dict[str, float | None]) -> str:
    if remedies.get("money") is not None:
        return _("- One month sooner would take %(money)s more.") % {"money": money(remedies["money"] or 0)}
    if remedies.get("means") is not None:
        said = {"times": number(remedies["means"] or 0, 2)}
        return _("- One month sooner would take %(times)s times the events, contacts and staff hours.") % said
    return _("- Neither money alone nor more of the same would make it one month sooner.")


def what_would_help(answer: Answer) -> Iterator[str]:
    """Where goals are not reached: each remedy that would do alone, or that none would."""
    if answer["met"]:
        return
    told, lines = answer["remedies"], []
    if told.get("months"):
        lines += [_("- More time: %(months)s months in all.") % {"months": told["months"]}]
    if told.get("money") is not None:
        lines += [_("- More money: %(money)s in all.") % {"money": money(told["money"])}]
    if told.get("means") is not None:
        said = {"times": number(told["means"], 2)}
        lines += [_("- More of the same: %(times)s times the events, contacts and staff hours.") % said]
    if told.get("both") is not None:
        said = {"times": number(told["both"], 2)}
        lines += [_("- More money, and %(times)s times the events, contacts and staff hours.") % said]
    if lines:
        yield "\n".join([_("Any one of these would reach the goals:"), *lines])
    else:
        yield "\n".join([_("No amount of these options reaches the goals together."), *_impossible(answer)])


def _impossible(answer: Answer) -> Iterator[str]:
    for goal in answer["goals"]:
        if goal["short"] < 0.5:
            continue
        best = max(answer["options"], key=lambda option: _share(option, goal["of"]))
        said = {"of": of(answer, goal["of"]), "id": best["id"], "share": percent(_share(best, goal["of"]))}
        yield (
            _("- %(of)s: of these options %(id)s brings most of them, %(share)s of those who come. Add others.") % said
        )


def _share(option: dict[str, Any], indicator: str) -> float:
    each = option["per_1000"]
    if not each["people"] or not each[indicator] or each["people"]["middle"] <= 0:
        return 0.0
    return each[indicator]["middle"] / each["people"]["middle"]


def left_out(answer: Answer) -> Iterator[str]:
    """Options that are not used, and why."""
    found = [option for option in answer["options"] if not option["contacts"] and option["state"] != "needless"]
    if found:
        yield _("What is left out:")
    for option in found[:_FEW]:
        yield _reason(option)
    if len(found) > _FEW:
        yield _("- and %(count)s more.") % {"count": len(found) - _FEW}


def _reason(option: dict[str, Any]) -> str:
    said = {"id": option["id"], "cost": money(option["unit_cost"])}
    if option["state"] == "dear":
        said["worth"] = money(option["worth_it_at"])
        return _("- %(id)s: costs %(cost)s each time; it would be used at about %(worth)s.") % said
    if option["state"] == "away":
        return _("- %(id)s: brings too few people, or takes the program away from a goal.") % said
    return _("- %(id)s: as good as those used, but not needed.") % said
