"""The same definitions through the research site, with the gate, the ledger and a token: what a researcher waits for.

`python cohorts_site.py publish TABLES` (in the bridge's zone) puts the tables into a home as a published release.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from homes import RELEASE, command, folder

RESEARCHERS = 6  # the site takes 120 questions a minute from each


def answers(tables: Path, definitions: list[dict[str, Any]]) -> list[tuple[float, dict[str, Any]]]:
    """Seconds and the answer of each definition, asked once in a new process and then timed."""
    from commonweal import zone

    home = folder() / f"site-{tables.name}"
    command(home, "init")
    here = Path(__file__)
    environment = zone.child_environment(zone.Zone.BRIDGE, home)
    subprocess.run([sys.executable, here, "publish", tables], env=environment, check=True, cwd=here.parent)
    tokens = [_token(home, number) for number in range(RESEARCHERS)]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [sys.executable, "-m", "commonweal.cli", "serve", "research", "--home", home, "--port", str(port)]
    site = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        address = f"http://127.0.0.1:{port}/api/releases/{RELEASE}/registered/cohorts/count"
        found = []
        for number, definition in enumerate(definitions):
            token = tokens[number % len(tokens)]
            _post(address, definition, token)
            found.append(_post(address, definition, token))
        return found
    finally:
        site.terminate()
        site.wait()


def _post(address: str, definition: dict[str, Any], token: str) -> tuple[float, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(definition).encode(), headers)
    began = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        content = json.load(answer)
    return time.perf_counter() - began, content


def _token(home: Path, number: int) -> str:
    email = f"researcher{number}@example.org"
    make = [sys.executable, "-m", "commonweal.cli", "accounts", "create", "--role", "researcher", "--email", email]
    make += ["--name", "Ada Byron", "--institution", "Example University", "--password-stdin", "--home", str(home)]
    subprocess.run(make, input="a long pass phrase\n", text=True, check=True, stdout=subprocess.DEVNULL)
    return str(command(home, "accounts", "token", "--email", email)[0]["token"])


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(address).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("cohorts: the research site did not start")


def publish(tables: Path) -> None:
    """Tables and index by hard links; the index is told that it belongs to this release."""
    from commonweal.commons.index import layout
    from commonweal.curation import events, keys
    from commonweal.home import Home
    from commonweal.zone import Zone

    home = Home.locate(None, zone=Zone.BRIDGE)
    keys.ensure(home)
    tier = home.releases / RELEASE / "registered"
    skip = shutil.ignore_patterns(layout.FOLDER)
    shutil.copytree(tables, tier / "tables", copy_function=os.link, ignore=skip)
    shutil.copytree(tables / layout.FOLDER, tier / layout.FOLDER, copy_function=os.link)
    (tier / "manifest.json").write_text(
        json.dumps({"name": RELEASE, "tier": "registered", "data_cutoff": "2025-12-31"})
    )
    about = json.loads((tier / layout.FOLDER / layout.NAME).read_text())
    (tier / layout.FOLDER / layout.NAME).unlink()
    for event in ("built", "checked", "published"):
        told = events.append(home, tier, event, release=RELEASE, tier="registered", actor="benchmark")
    (tier / layout.FOLDER / layout.NAME).write_text(json.dumps(about | {"release": told["manifest"]}))


if __name__ == "__main__":
    publish(Path(sys.argv[2]))
