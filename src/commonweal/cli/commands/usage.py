"""`commonweal usage`: what studies used, from the files of the research site to the people of the vault."""

import argparse
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "take in what studies used, so that it is known whom research is about"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.BRIDGE


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    what = "takes in the usage files that the research site has written; the bridge does it every ten minutes"
    subparsers.add_parser("import", parents=[shared], help=what, description=what)


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.curation import receipts
    from commonweal.home import Home

    home = Home.locate(args.home).require()
    with console.progress("Taking in") as step:
        done = receipts.receive(home, actor="command-line", progress=lambda n, of: step.update(completed=n, total=of))
    problems = [{"file": file, "why": why} for file, why in done.refused.items()]
    said = f"{done.accepted:,} taken in, {done.unchanged:,} there already, {len(problems):,} refused"
    answer = {"accepted": done.accepted, "unchanged": done.unchanged, "rejected": len(problems)}
    lines = [said, *(f"{one['file']}: {one['why']}" for one in problems)]
    return answer | {"unmatched": 0, "report": None, "problems": problems, "text": "\n".join(lines)}
