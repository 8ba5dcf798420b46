"""Parse the command line, go to the right zone, run the command, and turn its end into an exit code.

A command is a module in `commonweal.cli.commands` with `HELP`, `add_arguments(parser)`, `zone(args) -> Zone` and
`run(args, console) -> dict`. It imports what is heavy, or belongs to a zone, inside `run` only.
Exit codes: 0 done; 1 a check or gate said no; 2 bad usage or bad input; 130 interrupted.
"""

import argparse
import gc
import importlib
import os
import signal
import subprocess
import sys

from commonweal import __version__
from commonweal import zone as zones
from commonweal.cli.console import Console
from commonweal.errors import BadInput, Refused
from commonweal.home import Home
from commonweal.zone import Zone

COMMANDS = (
    "init",
    "demo",
    "serve",
    "protocol",
    "simulate",
    "participants",
    "surveys",
    "records",
    "wearables",
    "vocabulary",
    "reference",
    "release",
    "usage",
    "cohort",
    "dataset",
    "phewas",
    "audit",
    "accounts",
    "partners",
    "representation",
    "messages",
    "doctor",
)


def build_parser() -> argparse.ArgumentParser:
    """One parser for all commands; `--home` and `--json` are understood before and after the command."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--home", default=argparse.SUPPRESS, help="program home (default: $COMMONWEAL_HOME, ./commonweal-home)"
    )
    shared.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="end with one JSON object on standard output"
    )
    parser = argparse.ArgumentParser(
        prog="commonweal", description="Run a precision-medicine research cohort.", parents=[shared]
    )
    parser.add_argument("--version", action="version", version=f"commonweal {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = importlib.import_module(f"commonweal.cli.commands.{name}")
        sub = subparsers.add_parser(name, help=module.HELP, description=module.HELP, parents=[shared])
        sub.set_defaults(module=module)
        if hasattr(module, "add_subcommands"):
            module.add_subcommands(sub.add_subparsers(dest="subcommand", metavar="ACTION", required=True), shared)
        else:
            module.add_arguments(sub)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    gc.set_threshold(
        50_000, 20, 50
    )  # most of a command is imports, a tenth of whose time went into the search for garbage
    argv = list(sys.argv[1:] if argv is None else argv)
    args = build_parser().parse_args(argv)
    args.home = getattr(args, "home", None)
    args.json = getattr(args, "json", False)
    home = Home.locate(args.home)
    zone = args.module.zone(args)
    if zone is not Zone.OPEN and (zones.current() is not zone or os.environ.get("COMMONWEAL_HOME") != str(home.root)):
        return _run_in(zone, home, argv)  # the settings know the home from the environment alone
    console = Console(json=args.json)
    try:
        _enter(zone)
        answer = args.module.run(args, console)
        if args.command != "audit":
            _leave(zone)
        code = int(answer.pop("exit_code", 0))  # a check that says no still shows all that it found
        console.result(answer)
        return code
    except BadInput as error:
        return console.failed(str(error), 2)
    except Refused as error:
        return console.failed(str(error), 1)
    except KeyboardInterrupt:
        return console.failed("interrupted; what was finished is kept, the same command goes on from there", 130)


def _run_in(zone: Zone, home: Home, argv: list[str]) -> int:
    child = subprocess.Popen(
        [sys.executable, "-m", "commonweal.cli", *argv], env=zones.child_environment(zone, home.root)
    )
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())  # who ends this process means the child
    while True:
        try:
            code = child.wait()
            return 128 - code if code < 0 else code
        except KeyboardInterrupt:  # the terminal has told the child too; wait for it to end in order
            if os.getpgrp() != os.getpgid(child.pid):
                child.send_signal(signal.SIGINT)


def _enter(zone: Zone) -> None:
    if zone is Zone.OPEN:
        return
    zones.guard_imports(zone)
    import django

    django.setup()


def _leave(zone: Zone) -> None:
    """What a command did is sealed when it ends, so that from then on it cannot be changed unseen."""
    if zone is not Zone.OPEN and _has_audit():
        from commonweal import audit

        audit.seal()


def _has_audit() -> bool:
    from django.db import connection

    return "audit_event" in connection.introspection.table_names()
