"""Build, check, publish and look at releases. All of it happens in the bridge's own process."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console, Step
from commonweal.commons.naming import is_own_folder
from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.zone import Zone

HELP = "build, check, publish and look at releases of curated data"
_NAMED = {
    "check": "run every check on a built release; exit code 1 where one fails",
    "publish": "make a checked release visible to researchers",
    "retract": "withdraw a published release, with a reason",
    "verify": "hash all files again and check all signatures",
    "describe": "say what a release holds and what was done to it",
}


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    build = subparsers.add_parser(
        "build", parents=[shared], help="build tiers of a release; goes on where it was interrupted"
    )
    build.add_argument("name", help="such as 2026Q4R1")
    build.add_argument("--cutoff", required=True, metavar="YYYY-MM-DD", help="last day of data")
    build.add_argument(
        "--tier", action="append", help="registered (the default), controlled or public; may be given again"
    )
    build.add_argument(
        "--known-at", metavar="MOMENT", help="facts received by then (ISO 8601 with offset; default now)"
    )
    build.add_argument("--grants-as-of", metavar="MOMENT", help="agreements in force then (default --known-at)")
    build.add_argument("--seed", type=int, help="seeds the research ids of simulated people, never of others")
    build.add_argument("--engine", default="duckdb", help="what runs the rules: duckdb (the default) or spark")
    for name, words in _NAMED.items():
        sub = subparsers.add_parser(name, parents=[shared], help=words)
        sub.add_argument("name")
        if name == "retract":
            sub.add_argument("--why", required=True, help="the reason, which researchers will read")
        if name == "check":
            sub.add_argument(
                "--why", default="", help="why it differs so much from the last release; readers will see it"
            )
        if name == "describe":
            sub.add_argument(
                "--dictionary", action="store_true", help="every column: type, meaning, rules, nulls, values"
            )
    compare = subparsers.add_parser(
        "compare", parents=[shared], help="what changed from one release to another, and why"
    )
    compare.add_argument("first")
    compare.add_argument("second")
    trace = subparsers.add_parser("trace", parents=[shared], help="the fact, the grant and the rules behind a row")
    trace.add_argument("name")
    trace.add_argument("table")
    trace.add_argument("row", type=int, help="the row's id")
    trace.add_argument("--tier", default="registered")
    trace.add_argument("--column", help="also what each rule made of this cell (identified data)")
    holds = subparsers.add_parser("holds", parents=[shared], help="which releases hold a person")
    holds.add_argument("--participant", required=True, metavar="ID", help="the participant id")
    index = subparsers.add_parser(
        "index", parents=[shared], help="build the index of a release again, or of a folder of OMOP tables"
    )
    index.add_argument("name", help="name of a built release, or path of a folder of tables")
    subparsers.add_parser("list", parents=[shared], help="all releases")


def zone(args: argparse.Namespace) -> Zone:
    """A folder outside the home is the caller's own data; everything else is the bridge's."""
    own = args.subcommand == "index" and is_own_folder(args.name, Home.locate(args.home, zone=Zone.BRIDGE))
    return Zone.OPEN if own else Zone.BRIDGE


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    if args.subcommand == "index":
        return _index(args, console)
    from commonweal.curation import inspection

    home = Home.locate(args.home).require()
    match args.subcommand:
        case "verify":
            return inspection.verify(home, args.name)
        case "describe" if args.dictionary:
            from commonweal.curation import dictionary

            return dictionary.describe(home, args.name)
        case "describe":
            return inspection.describe(home, args.name)
        case "compare":
            return inspection.compare(home, args.first, args.second)
        case "list":
            return inspection.every(home)
    return _change(home, args, console)


def _index(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Builds the index of each tier of a release, or of a folder, in place of the one that is there."""
    from commonweal.commons.index import build, layout
    from commonweal.commons.release import Release

    home = Home.locate(args.home)
    if is_own_folder(args.name, home):
        folders = {"": Path(args.name).resolve()}
    else:
        from commonweal.curation import indexing

        folders = indexing.folders(home.require(), args.name)
    built: dict[str, dict[str, int]] = {}
    for tier, folder in folders.items():
        with console.progress(f"Indexing {tier or folder.name}") as step:
            release = Release(folder, name=folder.name, tier=tier, gated=False)
            try:
                about = build.build(release, layout.place(folder), _shown(step))
            except OSError as error:
                why = error.strerror or "it failed"
                raise BadInput(
                    f"index of {args.name}: it cannot be written beside the tables ({why}); make room, or make the folder"
                    " writable. What was there before is as it was"
                ) from None
        built[tier] = {"persons": about["persons"], "bytes": sum(layout.sizes(layout.place(folder)).values())}
    lines = [f"{tier or args.name}: {b['persons']:,} people, {b['bytes'] / 1e6:,.1f} MB" for tier, b in built.items()]
    return {"indexed": built, "text": "\n".join(lines)}


def _shown(step: Step) -> Callable[[str, int, int], None]:
    return lambda what, done, of: step.update(total=of, completed=done, title=f"Indexing {what}" if what else None)


def _change(home: Home, args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.curation import release  # Ibis and DuckDB: not for those who only look

    actor = "command-line"
    match args.subcommand:
        case "check":
            return _checked(release.check(home, args.name, why=args.why, actor=actor, console=console))
        case "publish":
            return release.publish(home, args.name, actor=actor, console=console)
        case "retract":
            return release.retract(home, args.name, why=args.why, actor=actor, console=console)
        case "trace":
            return release.trace(home, args.name, args.table, args.row, column=args.column, tier=args.tier, actor=actor)
        case "holds":
            return release.holds(home, args.participant, actor=actor)
    return _build(home, args, console)


def _build(home: Home, args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.curation import release
    from commonweal.vault import times

    result = release.build(
        home,
        args.name,
        cutoff=times.day(args.cutoff, "--cutoff"),
        tiers=tuple(args.tier or ("registered",)),
        known_at=times.moment(args.known_at, "--known-at") if args.known_at else None,
        grants_as_of=times.moment(args.grants_as_of, "--grants-as-of") if args.grants_as_of else None,
        seed=args.seed,
        by=args.engine,
        actor="command-line",
        console=console,
    )
    if result["unchanged"]:
        return result | {"text": f"{args.name} is already built from these facts; nothing changed"}
    lines = [f"{args.name} is built"]
    for tier, built in result["built"].items():
        people = "few" if built["participants"] is None else f"{built['participants']:,}"
        lines.append(f"  {tier}: {people} participants, {sum(built['rows'].values()):,} rows")
        lines += [f"    check failed: {failed}" for failed in built["checks_failed"]]
    return result | {"text": "\n".join(lines)}


def _checked(result: dict[str, Any]) -> dict[str, Any]:
    found = [check for outcomes in result["checks"].values() for check in outcomes]
    warned = [
        f"  warning: {c['id']} is {c['figure']:g}, {c['threshold']:g} was expected"
        for c in found
        if c["outcome"] == "warned"
    ]
    said = (
        f"{len(found) - len(warned)} of {len(found)} checks passed, none stops it"
        if warned
        else f"all {len(found)} checks passed"
    )
    return result | {"text": "\n".join([f"{result['release']}: {said}", *warned])}
