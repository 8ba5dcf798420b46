"""`commonweal vocabulary import DIR...`: bring standard vocabularies into the program home."""

import argparse
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "standard vocabularies: import Athena downloads or subsets of them, and phecode maps"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.OPEN


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    load = subparsers.add_parser("import", parents=[shared], help="merge vocabulary folders; conflicts are told")
    load.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="DIR",
        help="a folder with CONCEPT.csv and its like, or with the files of a phecode map",
    )


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.home import Home
    from commonweal.omop.vocabulary import import_dirs

    answer = import_dirs(args.folders, Home.locate(args.home).require(), console)
    if not args.json:
        answer["text"] = (
            f"{answer['accepted']:,} rows added, {answer['unchanged']:,} already known, "
            f"{answer['rejected']:,} left out" + (f"; see {answer['report']}" if answer["report"] else "")
        )
    return answer
