"""`commonweal cohort`: how many people satisfy a definition, and why (contract: Cohort definition)."""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.commons.naming import is_own_folder
from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.zone import Zone

HELP = "count and explain cohorts of a release"
TOKEN = "COMMONWEAL_RESEARCH_TOKEN"


def add_subcommands(subparsers: Any, shared: ArgumentParser) -> None:
    for name, what in (("count", "how many people satisfy a definition"), ("explain", "words, attrition and SQL")):
        sub = subparsers.add_parser(name, help=what, description=what, parents=[shared])
        sub.add_argument("file", help="the cohort definition as JSON; - reads standard input")
        sub.add_argument("--release", required=True, help="name of a published release, or path of a folder of tables")
        sub.add_argument("--tier", default="registered")
        sub.add_argument(
            "--exact", action="store_true", help=f"no rounding (by name: program staff, token in ${TOKEN})"
        )
        sub.add_argument("--engine", default="duckdb", help="what answers: duckdb (the default) or spark")
        if name == "explain":
            sub.add_argument("--language", choices=("en", "es"), default="en")


def zone(args: Namespace) -> Zone:
    """A folder outside the home is the caller's own data; a release of the program is asked on its research site."""
    own = is_own_folder(args.release, Home.locate(args.home, zone=Zone.RESEARCH))
    return Zone.OPEN if own else Zone.RESEARCH


def run(args: Namespace, console: Console) -> dict[str, Any]:
    from commonweal import commons

    definition = _read(args.file)
    release = commons.open(args.release, tier=args.tier, home=Home.locate(args.home), engine=args.engine)
    cohort = release.cohort(definition)
    exact = args.exact or not release.gated
    if release.gated:
        from commonweal.workbench.studio.asking import Asker

        asker = Asker.of_command_line(os.environ.get(TOKEN), tier=release.tier)
        if args.subcommand == "count":
            return asker.count(cohort, exact=exact).as_dict()
        return _explained(asker.explain(cohort, exact=exact, language=args.language))
    if args.subcommand == "count":
        return cohort.count(exact=exact).as_dict()
    return _explained(cohort.explain(exact=exact, language=args.language))


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"cohort definition: it cannot be read ({error.strerror}); give a JSON file, or -") from None


def _explained(answer: dict[str, Any]) -> dict[str, Any]:
    lines = [f"{'hidden' if s['suppressed'] else s['persons']:>12}  {s['step']}" for s in answer["attrition"]]
    return answer | {"text": "\n".join([*lines, "", answer["sql"]])}
