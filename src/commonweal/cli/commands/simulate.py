"""`commonweal simulate`: add synthetic participants through the bulk doors."""

import argparse
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "add synthetic people, seeded: the same seed makes the same people"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.PORTAL


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, required=True, metavar="N", help="how many people of this seed to have")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which endless series of people (default 1)")


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.errors import BadInput
    from commonweal.home import Home
    from commonweal.simulate.load import simulate

    if args.people < 1 or not 0 <= args.seed < 2**63:
        raise BadInput("--people must be at least 1 and --seed 0 or more: give other numbers")
    home = Home.locate(args.home).require()
    found = simulate(home, protocol.load(home.protocol), people=args.people, seed=args.seed, console=console)
    if not args.json:
        found["text"] = _words(found)
    return found


def _words(found: dict[str, Any]) -> str:
    if not found["accepted"]:
        return f"Nothing changed: these {found['unchanged']:,} people of seed {found['seed']} were here already."
    return (
        f"{found['accepted']:,} people came in, {found['unchanged']:,} were here already:"
        f" {found['consent_answers']:,} consent answers, {found['survey_responses']:,} survey responses,"
        f" {found['events']:,} rows of health records,"
        f" {found['withdrawals']:,} withdrawals, in {found['seconds']['total']:.0f} s."
    )
