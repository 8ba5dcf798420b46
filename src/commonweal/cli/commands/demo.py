"""`commonweal demo`: a whole living program in a new home, from simulated people to two running sites."""

import argparse
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from commonweal import files
from commonweal.cli.console import Console
from commonweal.home import DEMO_NOTE
from commonweal.zone import Zone

HELP = "make a whole program with simulated people in a new home, and serve it"

PASSWORDS = {  # known to everybody, for sites that listen on this machine alone
    "participant": ("participant@example.org", "harbor-lantern-42"),
    "site_staff": ("staff@example.org", "clinic-window-73"),
    "org_manager": ("manager@example.org", "orchard-ledger-27"),
    "operator": ("operator@example.org", "signal-meadow-64"),
    "auditor": ("auditor@example.org", "quill-parapet-39"),
    "steward": ("steward@example.org", "archive-candle-58"),
    "researcher": ("researcher@example.org", "library-compass-96"),
}
STUDIED = {  # people with health records, and their sex at birth
    "version": 1,
    "cohort": {"version": 1, "include": [{"any": [{"type": "person", "has": ["ehr"]}]}]},
    "values": [{"type": "person", "column": "sex_at_birth"}],
}


def zone(args: argparse.Namespace) -> Zone:
    return Zone.OPEN


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=2000, metavar="N", help="simulated people (default 2000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--no-serve", action="store_true", help="do everything but serving")
    parser.add_argument("--portal-port", type=int, default=8000)
    parser.add_argument("--research-port", type=int, default=8001)


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.cli.commands.serve import serve_all
    from commonweal.cli.supervise import check_free, interrupt_on_terminate
    from commonweal.errors import BadInput
    from commonweal.home import Home

    if args.people < 1 or args.seed < 0:
        raise BadInput("--people must be at least 1 and --seed 0 or more: give other numbers")
    home = Home.locate(args.home)
    note = _note(home.root, args.people, args.seed)
    if not args.no_serve:
        for option, port in (("--portal-port", args.portal_port), ("--research-port", args.research_port)):
            check_free("127.0.0.1", port, option)
    if "result" not in note:
        note["result"] = _make(home, args, note, console)
        files.save_json(home.root / DEMO_NOTE, note, files.PRIVATE)
    result: dict[str, Any] = dict(note["result"])
    ports = {"portal": args.portal_port, "research": args.research_port}
    result["addresses"] = {name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}
    if args.no_serve:
        return result if args.json else result | {"text": _words(result)}
    interrupt_on_terminate()
    return serve_all(home, console, "127.0.0.1", args.portal_port, args.research_port, then_say=_words(result))


def _note(root: Path, people: int, seed: int) -> dict[str, Any]:
    """What a demo in this home has noted down; a new note for a new home. BadInput for any other home."""
    from commonweal.errors import BadInput

    path = root / DEMO_NOTE
    if path.is_file():
        note: dict[str, Any] = files.load_json(path)
        if (note["people"], note["seed"]) != (people, seed):
            raise BadInput(
                f"{root} holds a demo of {note['people']} people with seed {note['seed']}: repeat it with these,"
                " or give another place with --home"
            )
        return note
    if root.exists() and any(root.iterdir()):
        raise BadInput(f"{root} is there already and is no demo: give a new place with --home")
    return {"people": people, "seed": seed, "cutoff": (datetime.now(UTC).date() - timedelta(days=1)).isoformat()}


def release_name(cutoff: date) -> str:
    """The first release of the quarter of its data cutoff, such as 2026Q4R1."""
    return f"{cutoff.year}Q{(cutoff.month + 2) // 3}R1"


def _make(home: Any, args: argparse.Namespace, note: dict[str, Any], console: Console) -> dict[str, Any]:
    """Every step; each is safe to repeat, so an interrupted demo goes on where it was."""
    from commonweal.cli.steps import Steps

    began = time.perf_counter()
    console.say(f"A program with {args.people:,} simulated people in {home.root}")
    steps = Steps(home.root, console)
    home.root.mkdir(parents=True, exist_ok=True)
    files.save_json(home.root / DEMO_NOTE, note, files.PRIVATE)  # it holds the researcher's token
    steps.run("Making the home", Zone.OPEN, "init")
    simulated = steps.run(
        "Simulating people", Zone.PORTAL, "simulate", "--people", str(args.people), "--seed", str(args.seed)
    )
    logins = _accounts(steps, home)
    name = release_name(date.fromisoformat(note["cutoff"]))
    steps.run("Building the release", Zone.BRIDGE, "release", "build", name, "--cutoff", note["cutoff"])
    steps.run("Checking the release", Zone.BRIDGE, "release", "check", name)
    steps.run("Publishing the release", Zone.BRIDGE, "release", "publish", name)
    study = ["--release", name, "--out", str(home.root / "research" / "workspaces" / "demo" / "with-records")]
    steps.run("Studying it", Zone.RESEARCH, "dataset", "build", "-", *study, given=orjson.dumps(STUDIED).decode())
    steps.run("Telling what was studied", Zone.BRIDGE, "usage", "import")
    steps.run("Counting who takes part", Zone.PORTAL, "representation", "update")
    return {
        "home": str(home.root),
        "people": args.people,
        "seed": args.seed,
        "simulated": {k: v for k, v in simulated.items() if isinstance(v, int)},
        "release": _release(home, name),
        "logins": logins,
        "steps": steps.took,
        "seconds": round(time.perf_counter() - began, 1),
    }


def _accounts(steps: Any, home: Any) -> list[dict[str, str]]:
    from commonweal import protocol

    site = next(iter(protocol.load(home.protocol).sites.values()))
    given = orjson.dumps(PASSWORDS | {"site": site.id, "organisation": site.organisation}).decode()
    steps.run("Making log-ins of the portal", Zone.PORTAL, given=given, module="commonweal.simulate.demo_people")
    email, password = PASSWORDS["researcher"]
    create = ["accounts", "create", "--role", "researcher", "--email", email, "--password-stdin"]
    create += ["--name", "Demo Researcher", "--institution", "Demo University"]
    steps.run("Making a log-in of the research site", Zone.RESEARCH, *create, given=password + "\n")
    token = steps.run("Issuing an API token", Zone.RESEARCH, "accounts", "token", "--email", email)["token"]
    return [
        {"role": role, "site": "research", "email": email, "password": password, "token": token}
        if role == "researcher"
        else {"role": role, "site": "portal", "email": email, "password": password}
        for role, (email, password) in PASSWORDS.items()
    ]


def _release(home: Any, name: str) -> dict[str, Any]:
    """What the published release holds, from its manifests."""
    tiers: dict[str, Any] = {}
    for path in sorted((home.releases / name).glob("*/manifest.json")):
        manifest = orjson.loads(path.read_bytes())
        tables = {table["name"]: table["rows"] for table in manifest["tables"]}
        tiers[path.parent.name] = {"participants": manifest.get("participants"), "tables": tables}
    return {"name": name, "tiers": tiers}


def _words(result: dict[str, Any]) -> str:
    release = result["release"]
    lines = [f"Release {release['name']} is published."]
    for tier, found in release["tiers"].items():
        rows = sum(found["tables"].values())
        lines.append(f"  {tier}: {found['participants']} people, {rows:,} rows in {len(found['tables'])} tables")
    lines.append("Log-ins:")
    for one in result["logins"]:
        address = result["addresses"][one["site"]]
        lines.append(f"  {one['role'].replace('_', ' '):12} {address}  {one['email']}  {one['password']}")
    lines += [f"  {'API token':12} {one['token']}" for one in result["logins"] if "token" in one]
    return "\n".join(lines)
