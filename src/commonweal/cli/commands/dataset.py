"""`commonweal dataset`: tables of a cohort from a definition (contract: `dataset build`)."""

import os
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonweal.cli.commands.cohort import TOKEN
from commonweal.cli.console import Console
from commonweal.commons.naming import is_own_folder
from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.zone import Zone

if TYPE_CHECKING:
    from commonweal.commons.dataset.dataset import Dataset

HELP = "tables of a cohort: features of each person, rows of OMOP tables"


def add_subcommands(subparsers: Any, shared: ArgumentParser) -> None:
    what = "writes a dataset as Parquet; of a published release, inside a workspace"
    build = subparsers.add_parser("build", help=what, description=what, parents=[shared])
    build.add_argument("file", help="the dataset definition as JSON; - reads standard input")
    build.add_argument("--release", required=True, help="name of a published release, or path of a folder of tables")
    build.add_argument("--tier", default="registered")
    build.add_argument("--out", help="a folder that is new or empty")
    build.add_argument("--estimate", action="store_true", help="only tell rows, bytes and seconds")
    what = "says what is wrong in a dataset definition"
    check = subparsers.add_parser("check", help=what, description=what, parents=[shared])
    check.add_argument("file", help="the dataset definition as JSON; - reads standard input")
    what = "the JSON Schema of dataset definitions"
    subparsers.add_parser("schema", help=what, description=what, parents=[shared])


def zone(args: Namespace) -> Zone:
    """As for cohorts: a folder outside the home is the caller's own; a release of the program is for its research site."""
    if args.subcommand != "build" or is_own_folder(args.release, Home.locate(args.home, zone=Zone.RESEARCH)):
        return Zone.OPEN
    return Zone.RESEARCH


def run(args: Namespace, console: Console) -> dict[str, Any]:
    from commonweal.commons.dataset import definition

    if args.subcommand == "schema":
        import orjson

        schema = definition.schema()
        return schema | {"text": orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode()}
    made = definition.parse(_read(args.file))
    if args.subcommand == "check":
        return {"valid": True, "sha256": made.sha256, "tables": made.tables}
    return _build(args, console, made)


def _build(args: Namespace, console: Console, made: Any) -> dict[str, Any]:
    from commonweal import commons
    from commonweal.commons.dataset.placing import check_out

    if not args.estimate and not args.out:
        raise BadInput("--out: name the folder to write, or give --estimate to be told the size alone")
    home = Home.locate(args.home)
    release = commons.open(args.release, tier=args.tier, home=home)
    folder = None if args.estimate else check_out(args.out, release, home)
    began, dataset = time.perf_counter(), release.dataset(made)
    answer = _answer(dataset, folder, console)
    return {
        "release": release.name,
        "tier": release.tier,
        "sha256": made.sha256,
        **({"out": str(folder)} if folder else {}),
        **answer,
        "notes": dataset.notes,
        "seconds": answer.get("seconds", round(time.perf_counter() - began, 2)),
    }


def _answer(dataset: "Dataset", folder: Path | None, console: Console) -> dict[str, Any]:
    if dataset.release.gated:
        from commonweal.workbench.studio import building
        from commonweal.workbench.studio.asking import Asker

        asker = Asker.of_command_line(os.environ.get(TOKEN), tier=dataset.release.tier)
        if folder is None:
            return building.told(asker, dataset)
        with console.progress("Writing") as step:
            return building.build(asker, dataset, folder, step.advance)
    told = dataset.estimate()
    if folder is None:
        return told.as_dict()
    with console.progress("Writing", total=told.rows) as step:
        written = dataset.to_parquet(folder, step.advance)
    tables = [{key: table[key] for key in ("name", "rows", "bytes")} for table in written.tables]
    return {"unchanged": written.unchanged, "persons": dataset.cohort.count().persons, "tables": tables}


def _read(file: str) -> bytes:
    """One byte more than a definition may have is enough to refuse it."""
    from commonweal.commons.dataset.reading import MAX_BYTES

    try:
        if file == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"dataset definition: it cannot be read ({error.strerror}); give a JSON file, or -") from None
