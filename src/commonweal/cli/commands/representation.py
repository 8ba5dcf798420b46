"""`commonweal representation`: goals against reality; who counts as underrepresented."""

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

if TYPE_CHECKING:
    from commonweal.vault.representation.rules import Rules

HELP = "goals against reality, and who counts as underrepresented in biomedical research"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.OPEN if args.action == "classify" else Zone.PORTAL


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("classify", "update", "plan"), metavar="ACTION", help=_ACTION)
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="JSON lines to classify (- reads standard input), or a plan"
    )
    parser.add_argument("--by", choices=("site", "partner", "state"), help="one line for each of these")


_ACTION = (
    "classify FILE: the categories of each person in a file; update: count everybody anew;"
    " plan FILE: where to recruit next (docs/planning.md); none: the report"
)


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    if args.action == "classify":
        return _classify(args, console)
    from commonweal.cli.representing import plan, report, update

    return {"update": update, "plan": plan}.get(args.action, report)(args, console)


def _classify(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    import orjson

    from commonweal.errors import BadInput
    from commonweal.vault.representation.lines import classify_lines

    if not args.file:
        raise BadInput("FILE is missing: name a file of JSON lines, or - for standard input")
    if args.file != "-" and not Path(args.file).is_file():
        raise BadInput("FILE is not there: name a file of JSON lines, or - for standard input")
    rules, done = _rules(args, console), 0
    with nullcontext(sys.stdin.buffer) if args.file == "-" else open(args.file, "rb") as lines:
        for outcome in classify_lines(lines, rules):
            sys.stdout.write(orjson.dumps(outcome).decode() + "\n")
            done += 1
    return {"classified": done} if args.json else {}


def _rules(args: argparse.Namespace, console: Console) -> "Rules":
    """Those of the home's program; of the one that ships where there is no home."""
    from commonweal import protocol
    from commonweal.home import Home
    from commonweal.vault.representation.rules import rules_of

    folder = Home.locate(args.home).protocol
    if not folder.is_dir():
        console.say("no program home here: by the rules of the program that ships")
        folder = protocol.DEFAULT
    program = protocol.load(folder)
    return rules_of(program)
