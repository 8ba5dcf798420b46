"""`commonweal representation`: the goals against reality, in all and by place; counting anew; where to recruit next."""

import argparse
from typing import Any

from commonweal.cli.console import Console

LEVELS = {"site": "site", "partner": "organisation", "state": "state"}


def update(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Count everybody anew."""
    from commonweal.errors import Refused
    from commonweal.home import Home
    from commonweal.vault.representation.figures import rounds

    Home.locate(args.home).require()
    console.say("counting everybody")
    done = rounds.update(everybody=True)
    if done is None:
        raise Refused("figures: another process counts them now; they will be up to date when it ends")
    told = {"people": done.people, "places": done.places, "seconds": round(done.seconds, 2)}
    return told | {
        "text": f"{done.people:,} people counted, {done.places:,} places show new figures, in {done.seconds:.1f} s."
    }


def plan(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    """The answer of `planning.answering.plan`; its words without --json."""
    from pathlib import Path

    from commonweal.errors import BadInput
    from commonweal.home import Home
    from commonweal.vault.planning import asking

    Home.locate(args.home).require()
    if not args.file:
        raise BadInput("FILE is missing: name a plan file; docs/planning.md shows one to start from")
    console.say("looking for the plan; with hundreds of options this takes a minute or more")
    return asking.answer(asking.read(Path(args.file)), actor="command-line")


def report(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    """{goals, program, by: [{level, id, name, …}]}: numbers after the gate, null where withheld; brings them up first."""
    from commonweal import audit
    from commonweal.home import Home
    from commonweal.ui.context import current_protocol
    from commonweal.vault.representation.figures import rounds
    from commonweal.vault.representation.models import PlaceFigures
    from commonweal.vault.representation.page.places import place

    Home.locate(args.home).require()
    rounds.update()
    protocol = current_protocol()
    goals = protocol.program.goals
    stored = {(one.level, one.place): one.document for one in PlaceFigures.objects.all()}
    answer: dict[str, Any] = {
        "goals": goals.model_dump(),
        "program": _figures(protocol, stored.get(("program", ""))),
        "by": [],
    }
    if args.by:
        level = LEVELS[args.by]
        for (one, id), document in sorted(stored.items()):
            named = place(protocol, level, id) if one == level else None
            if named:
                answer["by"].append({"level": level, "id": id, "name": named.name} | _figures(protocol, document))
    audit.record("figures.told", actor="command-line", by=args.by or "program")
    return answer | {"text": _words(answer)}


def _figures(protocol: Any, document: dict[str, Any] | None) -> dict[str, Any]:
    from commonweal.vault.representation.page.shown import Shown
    from commonweal.vault.representation.rules import OVERALL

    shown = Shown(document or {"people": None, "metrics": {}})
    ids = [OVERALL, *(one.id for one in protocol.representation.categories)]
    return {
        "participants": shown.people,
        "underrepresented_share": shown.underrepresented,
        "racial_ethnic_minority_share": shown.share_of(protocol.representation.minority),
        "categories": {id: shown.category(id) or None for id in ids},
        "metrics": shown.document["metrics"],
    }


def _words(answer: dict[str, Any]) -> str:
    goals = answer["goals"]
    lines = [
        f"goals: {goals['people']:,} people, {goals['underrepresented_share']:.0%} underrepresented,"
        f" {goals['racial_ethnic_minority_share']:.0%} racial and ethnic minorities"
    ]
    for name, told in [("program", answer["program"]), *((one["name"], one) for one in answer["by"])]:
        people = "withheld" if told["participants"] is None else f"{told['participants']:,}"
        shares = ("underrepresented_share", "racial_ethnic_minority_share")
        parts = ["withheld" if told[share] is None else f"{told[share]:.0%}" for share in shares]
        lines.append(f"{name}: {people} people, {parts[0]} underrepresented, {parts[1]} minorities")
    return "\n".join(lines)
