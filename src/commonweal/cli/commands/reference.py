"""`commonweal reference import KIND FILE…`, `commonweal reference list`: the tables that a program's rules need."""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

if TYPE_CHECKING:
    from commonweal.home import Home

_WRITES = {"dose_form_routes": "route_concept_id", "unit_mapping": "set_unit_concept_id"}
"""Kinds of which a rule writes a concept into rows -> the column that names it."""

HELP = "reference tables of the program: import one, list them"


def zone(args: argparse.Namespace) -> Zone:
    return Zone.OPEN


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    words = "bring in a table with its version; an earlier one of the kind is replaced"
    load = subparsers.add_parser("import", parents=[shared], help=words, description=words)
    load.add_argument("kind", metavar="KIND", help="what the table is, such as dqd_concept_thresholds or unit_mapping")
    words = "CSV in UTF-8 with a header row, also as .gz; several become one table of the columns that all have"
    load.add_argument("files", type=Path, nargs="+", metavar="FILE", help=words)
    load.add_argument("--version", default="", help="of the table (default: the first letters of its SHA-256)")
    load.add_argument("--source", default="", help="where the table is from")
    words = (
        "rural_zips only: the first day on which a list holds, once for each FILE in order; the first may go without, and"
        " holds from the beginning"
    )
    load.add_argument("--since", default=[], action="append", metavar="DAY", help=words)
    subparsers.add_parser("list", parents=[shared], help="kind, version, rows and source of each table")


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.home import Home
    from commonweal.protocol.reference_import import import_table

    home = Home.locate(args.home).require()
    folder = home.protocol
    if args.subcommand == "list":
        found = protocol.load(folder).reference.values()
        tables = [{"kind": t.kind, "version": t.version, "rows": len(t.rows), "source": t.source} for t in found]
        lines = [f"{t['kind']} {t['version']}: {t['rows']:,} rows, {t['source']}" for t in tables]
        return {"tables": tables, "text": "\n".join(lines) or "no reference tables"}
    answer = import_table(folder, args.kind, *args.files, version=args.version, source=args.source, since=args.since)
    rows = answer["accepted"] or answer["unchanged"]
    state = "known already" if answer["unchanged"] else "taken"
    lacking = _lacking(home, protocol.load(folder).reference[args.kind].rows, _WRITES.get(args.kind, ""))
    told = f"{answer['kind']} {answer['version']}: {rows:,} rows, {state}"
    if lacking:
        told += (
            f"\n{lacking:,} of them name a concept in {_WRITES[args.kind]} that is not in the vocabulary of this program and do"
            " nothing until it is there: bring it in with `commonweal vocabulary import`"
        )
    return answer | {"unmatched": lacking, "text": told}


def _lacking(home: "Home", rows: Iterable[Mapping[str, str]], column: str) -> int:
    """How many rows name a concept in `column` that the vocabulary lacks; of a table whose rules write none, 0."""
    from commonweal.omop import vocabulary

    named = [int(row[column]) for row in rows if row.get(column, "").isdecimal()] if column else []
    if not named:
        return 0
    with vocabulary.connect(home) as con:
        asked = "SELECT concept_id FROM concept WHERE concept_id IN (SELECT unnest(?))"
        known = {concept for (concept,) in con.execute(asked, [sorted(set(named))]).fetchall()}
    return sum(concept not in known for concept in named)
