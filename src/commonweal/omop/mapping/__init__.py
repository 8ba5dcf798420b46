"""Health events -> OMOP CDM 5.4: the second of two declared stages (the first makes events of FHIR resources).

What goes where stands in data: `tables/*.toml` say, field by field, how a table is filled and where the rule comes from;
`routing.toml` which table a row belongs to; `words.csv` which concept a word of FHIR is. Codes lead to standard concepts
by the vocabulary, or by a site's own source-to-concept maps (see `omop/local_codes.py`). Because events are kept as the source
coded them, a vocabulary or a map that comes later maps anew what was taken earlier.

No Django, no home, no protocol: the release build and the vault's quality report use the same function.
"""

from commonweal.omop.local_codes import LocalCodes
from commonweal.omop.mapping.declared import Table, tables
from commonweal.omop.mapping.run import STEPS, WHY, Mapped, figures, map_events, unmapped
from commonweal.omop.mapping.stages import EHR
from commonweal.omop.mapping.terms import load_systems

__all__ = [
    "EHR",
    "STEPS",
    "WHY",
    "LocalCodes",
    "Mapped",
    "Table",
    "figures",
    "load_systems",
    "map_events",
    "tables",
    "unmapped",
]
