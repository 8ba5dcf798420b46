"""Reports of what an import did, in vault/reports, each under the next free number and readable by its owner only."""

import json
import os
from pathlib import Path
from typing import Any

from commonweal.home import Home


def _folder(home: Home) -> Path:
    return home.vault_keys.parent / "reports"


def report_path(home: Home, number: int) -> Path:
    """The file of the report of this number."""
    return _folder(home) / f"{number:06d}.json"


def write_report(home: Home, told: dict[str, Any]) -> Path:
    """Write `told` as JSON; answers the file. Two imports at once take two numbers."""
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(told, indent=1)
    number = max((int(p.stem) for p in folder.glob("*.json") if p.stem.isdigit()), default=0)
    while True:
        number += 1
        path = report_path(home, number)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another import took the number
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return path
