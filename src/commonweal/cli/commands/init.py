"""`commonweal init`: make a program home. The parts of each zone are made by a child process of that zone."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "make a program home: protocol, databases, keys, stores"

STEPS = {"portal": Zone.PORTAL, "research": Zone.RESEARCH, "bridge": Zone.BRIDGE}
FOLDERS = (
    "vocabulary",
    "logs",
    "vault",
    "vault/store",
    "vault/rejected",
    "vault/keys",
    "bridge",
    "bridge/keys",
    "commons/releases",
    "commons/usage",
    "research",
    "research/workspaces",
    "research/keys",
)
PRIVATE = ("vault", "vault/store", "vault/rejected", "vault/keys", "bridge", "bridge/keys", "research", "research/keys")


def zone(args: argparse.Namespace) -> Zone:
    return STEPS.get(args.step, Zone.OPEN)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--protocol", metavar="DIR", help="the program to run (default: the one that ships)")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.home import Home

    if args.step:
        from commonweal.cli import prepare

        return prepare.STEPS[args.step](Home.locate(args.home))
    home = Home.locate(args.home)
    made: list[str] = []
    there: list[str] = []
    (made if _protocol(home, args.protocol) else there).append("protocol")
    (made if _folders(home.root) else there).append("folders")
    for step, found in _in_zones(home, console).items():
        made += [f"{step}: {what}" for what in found["made"]]
        there += [f"{step}: {what}" for what in found["there"]]
    answer: dict[str, Any] = {"home": str(home.root), "made": made, "there": there}
    if not args.json:
        answer["text"] = _words(answer)
    return answer


def _words(answer: dict[str, Any]) -> str:
    if not answer["made"]:
        return f"Nothing to do: {answer['home']} is a program home already."
    return f"Made {', '.join(answer['made'])} in {answer['home']}."


def _protocol(home: Any, given: str | None) -> bool:
    """Copy the protocol in; whether there was none. BadInput for a faulty one, or another than the home has."""
    from commonweal import files, protocol
    from commonweal.errors import BadInput

    if (home.protocol / "program.toml").is_file():
        if given and protocol.load(Path(given)).digest != protocol.load(home.protocol).digest:
            raise BadInput("this home has another protocol already: edit the one in its protocol folder")
        return False
    _check_empty(home.root)
    source = Path(given) if given else protocol.DEFAULT
    if not source.is_dir():
        raise BadInput("--protocol: no such folder; give a folder with a program.toml")
    problems = protocol.check(source)
    if problems:
        first = problems[0]
        more = f" (and {len(problems) - 1} more; see `commonweal protocol check`)" if len(problems) > 1 else ""
        raise BadInput(f"{first.file}:{first.line}: {first.message}{more}")
    home.root.mkdir(parents=True, exist_ok=True)
    temporary = home.root / f".protocol.{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    shutil.copytree(source, temporary, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "__init__.py"))
    if home.protocol.is_dir() and not any(home.protocol.iterdir()):
        home.protocol.rmdir()
    files.put(temporary, home.protocol)
    return True


def _check_empty(root: Path) -> None:
    from commonweal.errors import BadInput

    ours = {folder.split("/")[0] for folder in FOLDERS} | {"protocol"}
    strange = [e for e in (root.iterdir() if root.is_dir() else ()) if e.name not in ours and e.name[0] != "."]
    if strange:
        raise BadInput(f"{root} holds other things: choose an empty or new folder with --home")


def _folders(root: Path) -> bool:
    """Make the folders that are missing; whether any was. Those with people's data or keys are for the owner alone."""
    missing = [folder for folder in FOLDERS if not (root / folder).is_dir()]
    for folder in missing:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in PRIVATE:
        (root / folder).chmod(0o700)
    return bool(missing)


def _in_zones(home: Any, console: Console) -> dict[str, dict[str, list[str]]]:
    """Each zone's own part, side by side, each in a process that knows only its own addresses and keys."""
    from commonweal import zone as zones
    from commonweal.errors import BadInput

    console.say("Making databases and keys")
    command = [sys.executable, "-m", "commonweal.cli", "init", "--home", str(home.root), "--json", "--step"]
    children = {
        step: subprocess.Popen([*command, step], env=zones.child_environment(of, home.root), stdout=subprocess.PIPE)
        for step, of in STEPS.items()
    }
    answers, failed = {}, []
    for step, child in children.items():
        said, _ = child.communicate()
        if child.returncode:
            failed.append(step)
        else:
            answers[step] = orjson.loads(said.splitlines()[-1])
    if failed:
        raise BadInput(f"init: the part of {', '.join(failed)} could not be made; see above, then repeat the command")
    return answers
