"""`commonweal records import PATH... --site SITE`, `records export-from --site SITE`: health records into the vault."""

import argparse
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "health records: import FHIR R4 or OMOP tables of a site, or fetch its bulk export from its server"


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

    fetch = subparsers.add_parser(
        "export-from",
        parents=[shared],
        help="fetch a site's bulk export from its server (clinics.toml), and take it in",
    )
    fetch.add_argument("--site", required=True, help="id of the site whose server is asked")
    fetch.add_argument("--whole", action="store_true", help="everything; default: what changed since the last export")
    load.set_defaults(run_records=_import)
    fetch.set_defaults(run_records=_export_from)


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    answer: dict[str, Any] = args.run_records(args, console)
    if not args.json:
        answer["text"] = (
            f"{answer['accepted']:,} {answer.get('unit', 'resources')} taken, {answer['unchanged']:,} already known, "
            f"{answer['rejected']:,} rejected, {answer['unmatched']:,} of people who match nobody, "
            f"{answer['kept_out']:,} of kinds that are not kept\n{answer.pop('more', '')}"
            f"What was wrong, and where: {answer['report'] or 'nothing'}"
        )
    return answer


def _export_from(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.errors import BadInput
    from commonweal.home import Home
    from commonweal.vault.records.exports.actions import export_from

    home = Home.locate(args.home).require()
    export = protocol.load(home.protocol).clinics.export_of(args.site)
    if export is None:
        raise BadInput("--site: clinics.toml names no bulk export of this site")
    answer = export_from(export, home=home, console=console, whole=args.whole)
    if not args.json:
        said = [f"{kind} {count:,}" for kind, count in answer["errors"].items()]
        answer["more"] = (f"The server told of errors: {', '.join(said)}\n" if said else "") + (
            f"No longer at the server, and counted no more: {answer['deleted']:,}\n" if answer["deleted"] else ""
        )
    return answer


def _import(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.errors import BadInput
    from commonweal.home import Home
    from commonweal.vault.records.actions import import_files

    home = Home.locate(args.home).require()
    sites = protocol.load(home.protocol).sites
    if args.site not in sites:
        raise BadInput(f"--site: the protocol names no such site; it has {', '.join(sorted(sites))}")
    answer = import_files(args.paths, site=args.site, format=args.format, home=home, console=console)
    return answer
