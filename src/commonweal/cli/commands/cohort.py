"""`commonweal cohort`: how many people satisfy a definition, and why (contract: Cohort definition); definitions from
OHDSI's cohort expressions; their JSON Schema."""

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
MAX_BYTES = 20_000_000  # what is larger is not even read


def add_subcommands(subparsers: Any, shared: ArgumentParser) -> None:
    for name, what in (("count", "how many people satisfy a definition"), ("explain", "words, attrition and SQL")):
        sub = subparsers.add_parser(name, help=what, description=what, parents=[shared])
        sub.add_argument("file", help="the cohort definition as JSON; - reads standard input")
        sub.add_argument("--release", help="name of a published release, or path of a folder of tables")
        sub.add_argument("--tier", default="registered")
        sub.add_argument(
            "--exact", action="store_true", help=f"no rounding (by name: program staff, token in ${TOKEN})"
        )
        sub.add_argument("--engine", default="duckdb", help="what answers: duckdb (the default) or spark")
        if name == "explain":
            sub.add_argument("--language", choices=("en", "es"), default="en")
            sub.add_argument("--sql", metavar="DIALECT", help="only the SQL, for an OMOP database (postgres, …)")
            sub.add_argument("--schema", help="with --sql: where the tables are, SCHEMA or DATABASE.SCHEMA")
    what = "an OHDSI cohort expression as our definition, or what of it could not be carried over"
    sub = subparsers.add_parser("import-circe", help=what, description=what, parents=[shared])
    sub.add_argument("file", help="the expression as JSON; - reads standard input")
    what = "the JSON Schema of cohort definitions"
    subparsers.add_parser("schema", help=what, description=what, parents=[shared])


def zone(args: Namespace) -> Zone:
    """A folder outside the home is the caller's own data; a release of the program is asked on its research site."""
    if _without_release(args):
        return Zone.OPEN
    if args.release is None:
        return Zone.OPEN  # `run` says what is missing
    own = is_own_folder(args.release, Home.locate(args.home, zone=Zone.RESEARCH))
    return Zone.OPEN if own else Zone.RESEARCH


def run(args: Namespace, console: Console) -> dict[str, Any]:
    if _without_release(args):
        return _made(args)
    if args.release is None:
        raise BadInput("--release: is missing; give the name of a published release, or a folder of tables")
    return _asked(args)


def _without_release(args: Namespace) -> bool:
    return args.subcommand in ("import-circe", "schema") or bool(getattr(args, "sql", None))


def _made(args: Namespace) -> dict[str, Any]:
    """What needs no release: an imported definition, the schema, SQL for another database."""
    from commonweal.commons.cohort import database
    from commonweal.commons.cohort.circe import import_circe
    from commonweal.commons.cohort.definition import json_schema, parse

    if args.subcommand == "schema":
        return json_schema() | {"text": _json(json_schema())}
    if args.subcommand == "import-circe":
        found = import_circe(_read(args.file))
        return found.as_dict() | {"text": _imported(found), "exit_code": int(found.definition is None)}
    definition = parse(_read(args.file))
    query = database.sql(definition, args.sql, args.schema)
    return {"dialect": args.sql, "schema": args.schema, "sha256": definition.sha256, "sql": query, "text": query}


def _asked(args: Namespace) -> dict[str, Any]:
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
    try:
        if file == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cohort definition: it cannot be read ({error.strerror}); give a JSON file, or -") from None
    if len(content) > MAX_BYTES:
        raise BadInput(f"cohort definition: larger than {MAX_BYTES:,} bytes; use fewer concepts, or their ancestors")
    return content


def _explained(answer: dict[str, Any]) -> dict[str, Any]:
    lines = [f"{'hidden' if s['suppressed'] else s['persons']:>12}  {s['step']}" for s in answer["attrition"]]
    return answer | {"text": "\n".join([*lines, *answer["warnings"], "", answer["sql"]])}


def _imported(found: Any) -> str:
    """The definition, and what stayed behind; where that changes who is in, the second alone."""
    lost = [f"not carried: {one.path} ({one.what}): {one.why}" for one in found.not_carried]
    return "\n".join([*lost, *([_json(found.definition.as_json())] if found.definition else [])])


def _json(value: Any) -> str:
    import orjson

    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
