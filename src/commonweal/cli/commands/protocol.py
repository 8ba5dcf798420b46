"""Protocols: what is wrong in a protocol folder."""

import argparse
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "check a protocol folder, the files that say what a program is"


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    words = "say what is wrong in a protocol folder, by file and line; exit code 1 where something is"
    check = subparsers.add_parser("check", parents=[shared], help=words, description=words)
    check.add_argument("folder", metavar="DIR")


def zone(args: argparse.Namespace) -> Zone:
    return Zone.OPEN


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol

    problems = protocol.check(args.folder)
    answer: dict[str, Any] = {"valid": not problems, "problems": [problem._asdict() for problem in problems]}
    if not problems:
        loaded = protocol.load(args.folder)
        answer |= {"name": loaded.name, "version": loaded.version, "digest": loaded.digest}
    return answer | {"text": _text(answer, problems), "exit_code": int(bool(problems))}


def _text(answer: dict[str, Any], problems: list[Any]) -> str:
    if not problems:
        return f"{answer['name']} {answer['version']} is in order (digest {answer['digest'][:12]})"
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return "\n".join([*map(str, problems), count])
