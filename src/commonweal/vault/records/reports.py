"""The data-quality report of an import: figures, reasons and places, and no value of any record."""

from pathlib import Path
from typing import Any

from commonweal.home import Home
from commonweal.vault.records.intake import Intake
from commonweal.vault.records.quality import telling


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
    """Examine what was taken, and write the report to vault/reports under the next free number, for its owner only."""
    return telling.tell(home, site, submissions, totals)
