"""A look at the first resources of each type with the published FHIR models: what does not conform is a warning, no refusal.

Real exports seldom conform in everything, and the mapping reads only what it understands; but a site should hear of it.
"""

from collections import Counter
from typing import Any

EACH = 20  # of a type in one submission
ALL = 200  # of a type in one import: a thousand bundles of one system have the same faults
TOLD = 100


class Sample:
    """Counts faults (resource type, element path, kind of fault) over the first resources of each type."""

    def __init__(self) -> None:
        self.looked: Counter[str] = Counter()
        self.again()

    def again(self) -> "Sample":
        """Begin the next submission."""
        self.seen: Counter[str] = Counter()
        self.faults: Counter[tuple[str, str, str]] = Counter()
        return self

    def look(self, kind: str, resource: dict[str, Any]) -> None:
        if self.seen[kind] >= EACH or self.looked[kind] >= ALL:
            return
        self.seen[kind] += 1
        self.looked[kind] += 1
        for path, fault in faults(resource):
            self.faults[kind, path, fault] += 1

    def enough(self) -> list[str]:
        """The types of which enough has been seen."""
        return [k for k in self.looked if self.seen[k] >= EACH or self.looked[k] >= ALL]

    def told(self) -> list[dict[str, Any]]:
        common = self.faults.most_common(TOLD)
        return [{"type": k, "element": p, "fault": f, "count": n} for (k, p, f), n in common]


def faults(resource: dict[str, Any]) -> list[tuple[str, str]]:
    """(element path, kind of fault) where the resource does not conform to FHIR R4B; no value is quoted."""
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        return [(_path(e["loc"]), e["type"]) for e in error.errors(include_input=False, include_url=False)[:TOLD]]
    except (KeyError, ImportError, LookupError):
        return [("resourceType", "unknown")]
    except (TypeError, ValueError, AttributeError):
        return [("", "unreadable")]
    return []


def _path(place: tuple[Any, ...]) -> str:
    """Names only, without list places; names come from the FHIR models or, for extra keys, are not told."""
    return ".".join(str(p) for p in place if isinstance(p, str))[:120]
