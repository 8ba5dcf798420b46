"""All forms that are kept, as plain data that another process can be given, and what a response may call them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from commonweal.protocol import Survey


@dataclass(frozen=True)
class Kept:
    """One version of a form. `old_id`: the id that it had in the system whose DSTU2 shape it came in."""

    code: str
    version: str
    url: str
    document: str
    old_id: str = ""


@dataclass
class Known:
    """Forms by what responses call them; of each address the last one is current. `instead`: the form that responses
    answer which name none that is known, as `code` or `code|version`."""

    kept: list[Kept]
    instead: str = ""
    _read: dict[tuple[str, str], "Survey"] = field(default_factory=dict)

    @cached_property
    def _named(self) -> dict[str, Kept]:
        found: dict[str, Kept] = {}
        for one in self.kept:
            for name in (one.url, one.code) if one.url else (one.code,):
                found[name] = found[f"{name}|{one.version}"] = one
        return found

    @cached_property
    def _old(self) -> dict[tuple[str, str], Kept]:
        found = {}
        for one in (one for one in self.kept if one.old_id):
            found[one.old_id, one.version] = found[one.old_id, ""] = one
        return found

    def is_named(self, name: str) -> bool:
        return name in self._named

    def find(self, canonical: str) -> "Survey | None":
        """The survey of a canonical address."""
        one = self._named.get(canonical)
        return self._survey(one) if one else None

    def find_old(self, reference: tuple[str, str] | None) -> "Survey | None":
        """The survey that a response of the older shape names by (id, version)."""
        one = self._old.get(reference) if reference else None
        return self._survey(one) if one else self._meant()

    def instead_of(self, document: Any) -> "Survey | None":
        """The survey that is meant by a response which names none."""
        return self._meant() if isinstance(document, dict) and not document.get("questionnaire") else None

    def _meant(self) -> "Survey | None":
        one = self._named.get(self.instead) if self.instead else None
        return self._survey(one) if one else None

    def why_unknown(self, canonical: str) -> str:
        """What to tell of an address that names none."""
        url, _, version = canonical.partition("|")
        versions = [one.version for one in self.kept if one.url == url]
        if not versions:
            return "no such questionnaire is kept; import it first, or say with --questionnaire which one is meant"
        return f"version {version[:60]} of it is not kept; there are {', '.join(sorted(versions))}"

    def _survey(self, one: Kept) -> "Survey":
        from commonweal.protocol import Survey

        known = self._read.get((one.code, one.version))
        if known is None:
            document: dict[str, Any] = orjson.loads(one.document)
            known = self._read[one.code, one.version] = Survey(one.code, document)
        return known

    def __getstate__(self) -> dict[str, Any]:
        return {"kept": self.kept, "instead": self.instead, "_read": {}}
