"""Reports of what an import did, in vault/reports, each under the next free number and readable by its owner only."""

import json
import os
from pathlib import Path
from typing import Any

from commonweal.home import Home


def write_report(home: Home, told: dict[str, Any]) -> Path:
    """Write `told` as JSON; answers the file. Two imports at once take two numbers."""
    folder = home.vault_keys.parent / "reports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(told, indent=1)
    number = max((int(p.stem) for p in folder.glob("*.json") if p.stem.isdigit()), default=0)
    while True:
        number += 1
        path = folder / f"{number:06d}.json"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another import took the number
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return path
