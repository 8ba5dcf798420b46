"""The clinic behind the server: which door a request goes to, and the faults that a test asked for."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from .bulk import Bulk
from .search import Searches, outcome
from .smart import Smart


@dataclass
class Clinic:
    """`resources`: of all its patients. `read`: what was asked for data, in order.

    Faults: `limit`: requests that are still answered, then `limited_with` (429 or 503) and `wait` seconds; `down`: answers
    503; `garbled`: parts of addresses that are answered with no JSON; `broken_at`: the numbers of requests that get 500.
    """

    resources: list = field(default_factory=list)
    page: int = 50
    address: str = ""
    read: list = field(default_factory=list)
    limit: int | None = None
    limited_with: int = 429
    wait: int = 1800
    down: bool = False
    garbled: tuple = ()
    broken_at: set = field(default_factory=set)
    version: tuple = ("permission-v1", "permission-v2")
    scopes_supported: list = field(default_factory=lambda: ["patient/*.read", "patient/*.rs"])
    methods: list = field(default_factory=lambda: ["S256"])
    can_revoke: bool = True

    def __post_init__(self):
        self.resources = list(self.resources)
        self.smart, self.searches, self.bulk = Smart(self), Searches(self), Bulk(self)

    @property
    def base(self):
        return f"{self.address}/fhir"

    def get(self, path, headers):
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/fhir/.well-known/smart-configuration":
            return 200, self.smart.configuration(), {"Content-Type": "application/json"}
        fault = self._fault(path)
        if fault:
            return fault
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if parts.path.startswith("/bulk/") or parts.path.endswith("/$export"):
            return self.bulk.get(parts.path, asked, headers, token)
        return self.searches.get(parts.path.removeprefix("/fhir").strip("/"), asked, token)

    def delete(self, path, headers):
        self.read.append(f"DELETE {path}")
        return self.bulk.delete(path)

    def post(self, path, form, headers):
        if self.down:
            return 503, {"error": "temporarily_unavailable"}
        return self.smart.post(path, form, headers)

    def _fault(self, path):
        self.read.append(path)
        if self.down:
            return 503, outcome("transient")
        if len(self.read) in self.broken_at:
            return 500, outcome("exception")
        if self.limit is not None:
            if self.limit == 0:
                return self.limited_with, outcome("throttled"), {"Retry-After": str(self.wait)}
            self.limit -= 1
        if any(part in path for part in self.garbled):
            return 200, b'{"resourceType": "Bundle", "entry": [{'
        return None
