"""`commonweal doctor`: what is installed, reachable, misconfigured. It changes nothing."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "say what is installed, reachable and misconfigured"
STEPS = {"portal": Zone.PORTAL, "research": Zone.RESEARCH, "bridge": Zone.BRIDGE}
MARKS = {"ok": "ok  ", "warning": "note", "failed": "FAIL"}


def zone(args: argparse.Namespace) -> Zone:
    return STEPS.get(args.step, Zone.OPEN)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.cli import examine
    from commonweal.home import Home

    home = Home.locate(args.home)
    if args.step:
        return {"findings": examine.STEPS[args.step](home)}
    findings = examine.machine() + examine.home(home)
    if (home.protocol / "program.toml").is_file():
        for step, of in STEPS.items():
            findings += _ask(step, of, home.root)
    failed = sum(one["state"] == "failed" for one in findings)
    answer: dict[str, Any] = {"home": str(home.root), "failed": failed, "findings": findings}
    if not args.json:
        answer["text"] = "\n".join(f"{MARKS[one['state']]}  {one['what']}: {one['said']}" for one in findings)
    return answer | {"exit_code": 1 if failed else 0}


def _ask(step: str, of: Zone, root: Path) -> list[dict[str, str]]:
    """What a zone's own process finds; it alone can see its database and keys."""
    from commonweal import zone as zones

    command = [sys.executable, "-m", "commonweal.cli", "doctor", "--home", str(root), "--json", "--step", step]
    child = subprocess.run(command, env=zones.child_environment(of, root), capture_output=True)
    if child.returncode:
        words = child.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        return [{"what": f"{step} process", "state": "failed", "said": f"does not start: {words[-1]}"}]
    return orjson.loads(child.stdout.splitlines()[-1])["findings"]
