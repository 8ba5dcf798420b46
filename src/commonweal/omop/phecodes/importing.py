"""Phecode maps as a part of `vocabulary import`: one map a version in a home; a newer one takes its place."""

from pathlib import Path
from typing import Any

from commonweal.home import Home
from commonweal.omop.phecodes import files, storing


def import_maps(folder: Path, home: Home) -> list[dict[str, Any]]:
    """Take the phecode maps of a folder into the home: for each {"version", "digest", "rows", "accepted", "unchanged"}."""
    told = []
    for version, found in files.files_of(folder).items():
        made = files.map_of(version, found)
        known = storing.digest_in(home, version) == made.digest
        if not known:
            storing.save(home, made)
        counts = {"accepted": 0 if known else made.rows, "unchanged": made.rows if known else 0}
        told.append({"version": f"phecode {version}", "digest": made.digest, "rows": made.rows, **counts})
    return told
