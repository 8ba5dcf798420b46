"""`commonweal wearables import PATH...`: exported archives of people's devices into the vault."""

import argparse
from datetime import tzinfo
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "data of watches and fitness bands: import exports of Fitbit, Google Takeout and Apple Health"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.PORTAL


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    load = subparsers.add_parser(
        "import", parents=[shared], help="take in exported archives: zip files, folders, or files"
    )
    load.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH",
        help="an archive named by the person's address (UUID), or a folder of such; or any archive, with an option below",
    )  # fmt: skip
    whose = load.add_mutually_exclusive_group()
    whose.add_argument("--participant", default="", metavar="ID", help="the archives are of this participant")
    whose.add_argument(
        "--participant-file", type=Path, metavar="FILE.csv", dest="file",
        help="whose each archive (participant_id,path) or each account in a study's files (participant_id,account) is",
    )  # fmt: skip
    load.add_argument(
        "--time-zone", default="", metavar="ZONE", dest="clock",
        help="where the wearers live, such as America/New_York, if the files do not say; default: that of their site",
    )  # fmt: skip


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.home import Home
    from commonweal.vault.wearables.imports.actions import import_paths

    home = Home.locate(args.home).require()
    answer = import_paths(
        args.paths, home=home, console=console, participant=args.participant, file=args.file, zone=_zone(args.clock)
    )
    if not args.json:
        answer["text"] = (
            f"{answer['accepted']:,} rows taken, {answer['unchanged']:,} already known, {answer['rejected']:,} rejected, "
            f"{answer['unmatched']:,} of people who match nobody; {answer['refused']} of {answer['archives']} archives "
            f"refused\nWhat was wrong, and where: {answer['report']}"
        )
    return answer


def _zone(name: str) -> tzinfo | None:
    from commonweal.errors import BadInput
    from commonweal.vault.wearables.normal.takeout import zone_named

    found = zone_named(name)
    if name and found is None:
        raise BadInput("--time-zone: no time zone has this name; one is America/New_York")
    return found
