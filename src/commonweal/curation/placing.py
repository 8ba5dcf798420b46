"""A finished tier is put in its place, in one rename."""

import shutil

from commonweal import files
from commonweal.curation import events
from commonweal.curation.layout import Layout
from commonweal.home import Home


def appear(layout: Layout, tier: str, home: Home, actor: str) -> None:
    """Put the finished tier in its place, in one rename, with its built event (after those of what it replaces)."""
    folder, place = layout.building(tier), layout.tier(tier)
    shutil.rmtree(folder / ".done", ignore_errors=True)
    (folder / events.FILE).unlink(missing_ok=True)
    old = folder.with_name(f"{tier}.old")
    history = next((p / events.FILE for p in (place, old) if (p / events.FILE).exists()), None)
    if history is not None:  # of `old`, where a run was killed between the two renames below
        files.save(folder / events.FILE, history.read_bytes())
    events.append(home, folder, "built", release=layout.name, tier=tier, actor=actor)
    folder.chmod(0o700)
    place.parent.mkdir(parents=True, exist_ok=True)
    files.put(folder, place, old=old)
