"""How much of the suppression lists that another program published our own lists find, by topic and vocabulary.

Not a matter of time. One line a topic and vocabulary: tier, listed, found, recall, by_id, by_code, by_name, by_descent,
missed (the first few codes). One line for each table of ICD codes: how many codes our patterns take, and how many of them
were published nowhere. The lists are read from COMMONWEAL_SHARED_DATA, else ../shared/data; without them nothing is told.
"""

import os
import sys
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).resolve().parents[1]
_FEW = 8  # codes that are shown of those missed


def main(sizes: list[int]) -> None:
    """Print the lines; `sizes` says nothing here."""
    from commonweal import protocol

    sys.path.insert(0, str(ROOT))
    from tests import published_lists as lists

    data = Path(os.environ.get("COMMONWEAL_SHARED_DATA", ROOT.parent / "shared" / "data"))
    privacy = protocol.load(protocol.DEFAULT).privacy
    for tier, parts in lists.OF_TIER.items():
        rows = lists.published(data / "aou" / "cur", *parts, *_COPE[tier])
        for row in lists.compare(privacy.tier(tier), rows):
            ways = {f"by_{way}": count for way, count in row.by.items()}
            _tell(bench="suppression", tier=tier, topic=row.topic, vocabulary=row.vocabulary, listed=row.listed,
                 found=row.found, recall=round(row.found / row.listed, 4), **ways, missed=row.missed[:_FEW])  # fmt: skip
        every = lists.published(data / "aou" / "cur", *(part for some in lists.OF_TIER.values() for part in some))
        for vocabulary, file in {"ICD9CM": "icd_9_cm", "ICD10CM": "icd_10_cm"}.items():
            codes = data / "vocab" / "tuva_terminology" / f"{file}.parquet"
            if codes.exists():
                taken, more = lists.extra(privacy.tier(tier), every, codes, vocabulary)
                _tell(bench="suppression_extra", tier=tier, vocabulary=vocabulary, taken=taken, published_nowhere=more)


def _tell(**line: Any) -> None:
    sys.stdout.write(orjson.dumps(line).decode() + "\n")


_COPE = {
    "registered": ("rt_cope_suppression", "rt_observation_postcoordinated", "rt_ct_cope"),
    "controlled": ("rt_ct_cope",),
}
