"""`commonweal participants import FILE.csv`: a cohort that joined elsewhere."""

import argparse
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "people who joined elsewhere, with the consents they gave"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.PORTAL


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    says = "take in people and their consents from a CSV file"
    sub = subparsers.add_parser("import", parents=[shared], help=says, description=says)
    sub.add_argument("file", metavar="FILE.csv", help="UTF-8, with the header row of the contract")


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.home import Home
    from commonweal.vault.consent.import_people import import_file

    home = Home.locate(args.home).require()
    answer = import_file(Path(args.file), home=home, protocol=protocol.load(home.protocol), console=console)
    if not args.json:
        answer["text"] = _words(answer)
    return answer


def _words(answer: dict[str, Any]) -> str:
    said = f"{answer['accepted']:,} people taken in, {answer['unchanged']:,} unchanged, {answer['rejected']:,} rejected"
    return f"{said}; the rejected rows and why: {answer['report']}" if answer["report"] else f"{said}."
