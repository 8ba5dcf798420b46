"""The data-quality report of an import: figures, reasons and places, and no value of any record."""

from pathlib import Path
from typing import Any

from commonweal.home import Home
from commonweal.vault.records.quality import telling
from commonweal.vault.records.reasons import NOTES, REASONS


def write(home: Home, site: str, submissions: list[dict[str, Any]], totals: dict[str, int]) -> Path:
    """Examine what was taken, and write the report to vault/reports under the next free number, for its owner only.

    `remedies` says for each reason and note that occurs what it means and what to do.
    """
    used = {code for one in submissions for code in (*one.get("reasons", ()), *one.get("notes", ()))}
    remedies = {code: text for code, text in (REASONS | NOTES).items() if code in used}
    return telling.tell(home, site, submissions, totals, remedies)
