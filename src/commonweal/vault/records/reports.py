"""The data-quality report of an import: figures, reasons and places, and no value of any record."""

import json
import os
from pathlib import Path
from typing import Any

from commonweal.home import Home
from commonweal.vault.records.intake import Intake


def details(reader: Intake, unmapped: list[dict[str, Any]]) -> dict[str, Any]:
    """What the report says of one submission beside its counts."""
    return {
        "by_type": {kind: dict(counter) for kind, counter in sorted(reader.by_type.items())},
        "reasons": dict(reader.reasons.most_common()),
        "places": reader.places,
        "undated": reader.undated,
        "unmapped_codes": unmapped,
        "warnings": reader.sample.told(),
    }


def write(home: Home, site: str, submissions: list[dict[str, Any]], totals: dict[str, int]) -> Path:
    """Write the report to vault/reports under the next free number, readable by its owner only."""
    folder = home.vault_keys.parent / "reports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps({"kind": "records", "site": site, "totals": totals, "submissions": submissions}, indent=1)
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
