"""`commonweal records import PATH... --site SITE`: health records into the vault."""

import argparse
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "health records: import FHIR R4 bundles, bulk exports and OMOP tables of a site"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.PORTAL


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    load = subparsers.add_parser(
        "import", parents=[shared], help="take in Bundles, NDJSON files, or folders of them or of OMOP tables"
    )
    load.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder (its NDJSON is one export)"
    )
    load.add_argument("--site", required=True, help="id of the site that sends the records")
    load.add_argument(
        "--format",
        choices=("auto", "fhir-bundle", "fhir-ndjson", "omop-csv"),
        default="auto",
        help="default: what the file looks like; omop-csv: a folder of OMOP tables as CSV or Parquet",
    )


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.errors import BadInput
    from commonweal.home import Home
    from commonweal.vault.records.actions import import_files

    home = Home.locate(args.home).require()
    sites = protocol.load(home.protocol).sites
    if args.site not in sites:
        raise BadInput(f"--site: the protocol names no such site; it has {', '.join(sorted(sites))}")
    answer = import_files(args.paths, site=args.site, format=args.format, home=home, console=console)
    if not args.json:
        answer["text"] = (
            f"{answer['accepted']:,} {answer.get('unit', 'resources')} taken, {answer['unchanged']:,} already known, "
            f"{answer['rejected']:,} rejected, {answer['unmatched']:,} of people who match nobody, "
            f"{answer['kept_out']:,} of kinds that are not kept\nWhat was wrong, and where: {answer['report']}"
        )
    return answer
