"""Concepts with what lies below them: for each ancestor, the concepts of a stream that its descendants are."""

from pathlib import Path

import numpy as np
from pyroaring import BitMap

from commonweal.commons.index.bitmaps import Writer, save_lookup
from commonweal.commons.index.layout import Part
from commonweal.commons.release import Release


def save_families(release: Release, folder: Path, by: str, own: dict[int, BitMap], sets: Writer) -> None:
    """Writes a set of people for each concept and, where the release has `concept_ancestor`, for each ancestor of one.

    `own`: people of each concept by itself. An ancestor of one concept alone shares that one's set.
    """
    placed = {i: sets.add(people) for i, people in own.items()}
    save_lookup(Part(folder, f"{by}.own"), placed)
    if not release.has("concept_ancestor"):
        return
    ancestors, begin, below = _below(release, np.array(sorted(own), dtype=np.int64))
    part = Part(folder, f"{by}.below")
    np.save(part.file("ids"), ancestors)
    np.save(part.file("begin"), begin)
    np.save(part.file("concepts"), below)
    rolled: dict[int, tuple[int, int, int]] = dict(placed)
    known: dict[bytes, tuple[int, int, int]] = {}
    for n, ancestor in enumerate(ancestors):
        family = below[begin[n] : begin[n + 1]]
        key = family.tobytes()
        if key not in known:
            one = placed[int(family[0])] if len(family) == 1 else None
            known[key] = one or sets.add(BitMap.union(*(own[int(i)] for i in family)))
        rolled[int(ancestor)] = known[key]
    save_lookup(Part(folder, f"{by}.rolled"), rolled)


def _below(release: Release, present: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each ancestor, itself counted as its own where it is present, with the present concepts below it, ascending."""
    if not len(present):
        return present, np.zeros(1, dtype=np.int64), present
    with release.cursor() as cursor:
        cursor.register("present", {"id": present})
        rows = cursor.execute(
            "SELECT ancestor_concept_id AS a, descendant_concept_id AS d FROM concept_ancestor"
            " WHERE descendant_concept_id IN (SELECT id FROM present)"
            " UNION SELECT id, id FROM present ORDER BY 1, 2"
        ).fetchnumpy()
    ids, begin = np.unique(rows["a"].astype(np.int64), return_index=True)
    return ids, np.append(begin, len(rows["a"])).astype(np.int64), rows["d"].astype(np.int64)
