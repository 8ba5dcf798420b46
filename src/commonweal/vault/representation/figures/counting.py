"""Documents of places from a table of everybody: the cells counted, and through the gate."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from pyroaring import BitMap

from commonweal.disclosure.perturbation import record_keys
from commonweal.home import secret_key
from commonweal.protocol import Protocol
from commonweal.vault.representation.figures.cells import LEVELS, Categories, Cells, Counter
from commonweal.vault.representation.figures.gate import Document, Gate

KEY = "representation"  # the file of the secret from which the noise is made
Documents = dict[tuple[str, str], Document]


def categories_of(protocol: Protocol) -> Categories:
    settings = protocol.representation
    own = tuple(one.id for one in settings.categories if one.rule != "either")
    return Categories(tuple(one.id for one in settings.categories), settings.minority, own)


def counted(
    protocol: Protocol,
    table: pa.Table,
    gate: Gate,
    places: Mapping[str, set[str]] | None,
    now: datetime,
    noise: str = KEY,
) -> Documents:
    """The documents of `places` (all that have people, where it is None) from the table of everybody.

    `noise`: what the noise is made for; the same people are moved otherwise for another.
    """
    found: Documents = {}
    if table.num_rows == 0:
        return found
    with Counter(table, keys_of(table, noise), categories_of(protocol), now.replace(tzinfo=None)) as counter:
        for level in LEVELS:
            wanted = None if places is None else places.get(level, set())
            if wanted is None or wanted:
                cells = counter.of(level, wanted)
                empty = {
                    place: Cells(metrics={"participants": (0, 0)}) for place in (wanted or ()) if place not in cells
                }
                found |= {(level, place): gate.document(one) for place, one in {**cells, **empty}.items()}
    return found


def counted_of(
    protocol: Protocol, everybody: pa.Table, members: BitMap, gate: Gate, now: datetime, noise: str = KEY
) -> Document | None:
    """The document of those of `everybody` who are members (Participant.id); None where it is nobody."""
    people = pa.array(np.array(members.to_array(), dtype=np.int64))
    theirs = everybody.filter(pc.is_in(everybody["participant"], people))
    return counted(protocol, theirs, gate, {"program": {""}}, now, noise).get(("program", ""))


def keys_of(table: pa.Table, noise: str = KEY) -> np.ndarray:
    """uint64 by participant: the record keys of which the noise is made."""
    secret = secret_key(settings.COMMONWEAL_HOME.vault_keys, KEY)
    return record_keys(secret, noise, (pc.max(table["participant"]).as_py() or 0) + 1)
