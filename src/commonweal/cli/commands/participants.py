"""`commonweal participants …`: a cohort that joined elsewhere, everybody's status, people who leave, samples to destroy."""

import argparse
import sys
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "people who joined elsewhere, people who leave, and the list of samples to destroy"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.PORTAL


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    says = "take in people and their consents from a CSV file"
    sub = subparsers.add_parser("import", parents=[shared], help=says, description=says)
    sub.add_argument("file", metavar="FILE.csv", help="UTF-8, with the header row of the contract")
    says = "take people out for good, everywhere; participant ids come from standard input, one a line"
    sub = subparsers.add_parser("withdraw", parents=[shared], help=says, description=says)
    sub.add_argument("--reason", required=True, choices=("self", "fraudulent", "duplicate", "test"))
    sub.add_argument("--why", default="", metavar="TEXT", help="the justification; needed for every reason but self")
    says = "bring the enrolment status of everybody up to date"
    subparsers.add_parser("status", parents=[shared], help=says, description=says)
    says = "stop contact and new data; participant ids come from standard input, one a line"
    subparsers.add_parser("deactivate", parents=[shared], help=says, description=says)
    says = "the biobank's list of samples to destroy, with the wish for a ceremony"
    sub = subparsers.add_parser("destruction-list", parents=[shared], help=says, description=says)
    sub.add_argument("--out", required=True, metavar="FILE.csv", help="a new file; only you can read it")
    sub.add_argument("--since", default="", metavar="MOMENT", help="only who became known after this moment (ISO 8601)")


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "import": _import, "status": _status, "withdraw": _leave, "deactivate": _leave, "destruction-list": _destruction
    }[args.subcommand](args, console)  # fmt: skip
    if args.json:
        answer.pop("text", None)
    return answer


def _import(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.home import Home
    from commonweal.vault.consent.import_people import import_file

    home = Home.locate(args.home).require()
    answer = import_file(Path(args.file), home=home, protocol=protocol.load(home.protocol), console=console)
    return answer | {"text": _words(answer)}


def _status(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.home import Home
    from commonweal.vault.journey.status import bulk

    Home.locate(args.home).require()
    console.say("computing the enrolment status of everybody")
    done = bulk.recompute()
    text = f"{done.people:,} people computed, {done.changed:,} written, in {done.seconds:.1f} s."
    return {"people": done.people, "changed": done.changed, "seconds": round(done.seconds, 2), "text": text}


def _leave(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.home import Home
    from commonweal.vault.journey.leaving import many

    Home.locate(args.home).require()
    if args.subcommand == "withdraw":
        answer: dict[str, Any] = dict(many.withdraw(sys.stdin, args.reason, args.why))
    else:
        answer = dict(many.deactivate(sys.stdin))
    said = (
        "{accepted:,} taken, {unchanged:,} had left before, {rejected:,} rejected, {unmatched:,} ids that nobody has."
    )
    return answer | {"text": said.format(**answer)}


def _destruction(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.home import Home
    from commonweal.vault.journey.leaving.destruction import write_file
    from commonweal.vault.times import moment

    Home.locate(args.home).require()
    since = moment(args.since, "--since") if args.since else None
    count = write_file(Path(args.out), since, actor="command-line")
    return {"people": count, "file": args.out, "text": f"Samples of {count:,} people are to be destroyed: {args.out}"}


def _words(answer: dict[str, Any]) -> str:
    said = f"{answer['accepted']:,} people taken in, {answer['unchanged']:,} unchanged, {answer['rejected']:,} rejected"
    return f"{said}; the rejected rows and why: {answer['report']}" if answer["report"] else f"{said}."
