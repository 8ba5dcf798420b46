"""`commonweal audit verify|seal`: the audit of one site."""

import argparse
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "walk the audit chain of a site and say where it breaks"
SITES = {"portal": Zone.PORTAL, "research": Zone.RESEARCH}


def zone(args: argparse.Namespace) -> Zone:
    return SITES[args.site]


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    for name, says in (("verify", "walk the chain and say where it breaks"), ("seal", "seal the events that wait")):
        sub = subparsers.add_parser(name, parents=[shared], help=says, description=says)
        sub.add_argument("--site", choices=list(SITES), default="portal", help="whose audit (default: portal)")


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import audit
    from commonweal.home import Home

    Home.locate(args.home).require()
    if args.subcommand == "seal":
        batch = audit.seal()
        return {"site": args.site, "batch": batch.number if batch else None, "events": batch.events if batch else 0}
    verdict = audit.verify()
    answer = {
        "site": args.site,
        "whole": verdict.whole,
        "events": verdict.events,
        "batches": verdict.batches,
        "unsealed": verdict.unsealed,
        "problem": verdict.problem,
        "batch": verdict.batch,
        "event": verdict.event,
        "exit_code": 0 if verdict.whole else 1,
    }
    if not args.json:
        answer["text"] = _words(answer)
    return answer


def _words(answer: dict[str, Any]) -> str:
    if answer["problem"]:
        return f"The audit of the {answer['site']} site is broken: {answer['problem']}."
    return (
        f"The audit of the {answer['site']} site is whole: {answer['events']:,} events in {answer['batches']:,} sealed"
        f" batches, {answer['unsealed']:,} of them not yet sealed."
    )
