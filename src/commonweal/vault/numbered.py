"""Reports of what an import did, in vault/reports, each under the next free number and readable by its owner only."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from commonweal import files
from commonweal.home import Home


def _folder(home: Home) -> Path:
    return home.vault_keys.parent / "reports"


def report_path(home: Home, number: int) -> Path:
    """The file of the report of this number."""
    return _folder(home) / f"{number:06d}.json"


def write_report(home: Home, told: dict[str, Any]) -> Path:
    """Write `told` as JSON; answers the file. Two imports at once take two numbers."""
    content = json.dumps(told, indent=1).encode()
    number = max((int(p.stem) for p in _folder(home).glob("*.json") if p.stem.isdigit()), default=0)
    while True:
        number += 1
        path = report_path(home, number)
        with suppress(FileExistsError):  # another import took the number
            files.save(path, content, files.PRIVATE, over=False)
            return path
