"""Operations: which releases there are, what one holds, how many people satisfy a cohort definition, and exports."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.throttling import AuthRateThrottle

from commonweal import __version__, commons
from commonweal.commons.cohort.cohort import Cohort
from commonweal.commons.cohort.definition import Definition
from commonweal.commons.release import Release
from commonweal.errors import BadInput
from commonweal.ui import api_errors
from commonweal.workbench.researchers.policies import can_use_tier, check_can_use_tier
from commonweal.workbench.studio import exporting
from commonweal.workbench.studio.api.access import Session, Token
from commonweal.workbench.studio.asking import Asker
from commonweal.workbench.studio.releases import home

_REFERENCE = "#/components/schemas/{model}"


class ReleaseSummary(Schema):
    """A published release in a tier that the caller may use."""

    name: str
    tier: str
    published_at: str


class ReleaseDetail(ReleaseSummary):
    """`digest`: SHA-256 of its manifest, which names it for ever."""

    data_cutoff: str | None
    digest: str
    tables: list[str]


class CountAnswer(Schema):
    """`persons` is null where it is suppressed; else rounded up to a multiple of `rounded_to`, unless `exact`.

    `perturbed`: before that it was moved by a few people, always by the same number for the same set of people.
    """

    persons: int | None
    suppressed: bool
    rounded_to: int | None
    exact: bool
    release: str
    tier: str
    seconds: float
    perturbed: bool = False


class ConceptAnswer(Schema):
    """A concept with how many people have it or one below it, as counts are told. `place`: found by the words, or
    broader, itself, narrower. `type`: of the criterion that asks for it."""

    concept_id: int
    concept_name: str
    domain_id: str
    vocabulary_id: str
    concept_code: str
    type: str
    place: str
    persons: int | None
    suppressed: bool


class ExportAnswer(Schema):
    """A count that may be used outside: rounded up, not moved, and registered. `predicate`: SHA-256 of the definition."""

    persons: int
    rounded_to: int
    release: str
    tier: str
    predicate: str
    registered_at: datetime


class PrivateAnswer(Schema):
    """A count with differential privacy; null where it came out too small. Nineteen of twenty are off by `error` at most."""

    persons: int | None
    epsilon: float
    error: int


class API(NinjaAPI):
    """Adds the schema of cohort definitions, whose bodies are checked by the room that owns them."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        parts = Definition.model_json_schema(ref_template=_REFERENCE)
        components = schema["components"]["schemas"]
        components.update(parts.pop("$defs"))
        components.setdefault("Definition", parts)
        return schema


_body = {"content": {"application/json": {"schema": {"$ref": _REFERENCE.format(model="Definition")}}}, "required": True}
api = API(
    title="Commonweal research",
    version=__version__,
    description="Published releases and counts of cohorts, through the disclosure gate.",
    docs_url=None,
    auth=[Token(), Session()],
    throttle=[AuthRateThrottle("120/min")],
    urls_namespace="api",
)
api_errors.install(api, too_large="body: too large; send one cohort definition of less than a megabyte")


@api.get("/releases", response=list[ReleaseSummary], summary="Published releases that the caller may use")
def releases(request: HttpRequest) -> list[dict[str, Any]]:
    return [r for r in commons.published(home()) if can_use_tier(request.auth, r["tier"])]  # type: ignore[attr-defined]


@api.get("/releases/{name}/{tier}", response=ReleaseDetail, summary="One release")
def release(request: HttpRequest, name: str, tier: str) -> dict[str, Any]:
    found = _opened(request, name, tier)
    return found.describe() | {"tables": found.tables}


@api.get(
    "/releases/{name}/{tier}/concepts", response=list[ConceptAnswer], summary="Concepts by words, or around one concept"
)
def concepts(
    request: HttpRequest, name: str, tier: str, q: str = "", around: int | None = None
) -> list[dict[str, Any]]:
    """`q`: words of a name or synonym, a code or an id; `around`: a concept_id, for what is broader and narrower."""
    release, asker = _opened(request, name, tier), Asker(request.auth)  # type: ignore[attr-defined]
    if around is None:
        return [_told(c, "found") for c in asker.concepts(release, q[:100])]
    found = asker.around(release, around)
    if found is None:
        raise BadInput("around: this release has no concept of that number that a cohort can ask for; find one with q")
    return [_told(c, place) for place in ("broader", "itself", "narrower") for c in getattr(found, place)]


def _told(concept: dict[str, Any], place: str) -> dict[str, Any]:
    count = concept["count"]
    return concept | {"place": place, "persons": count.persons, "suppressed": count.suppressed}


@api.post(
    "/releases/{name}/{tier}/cohorts/count",
    response=CountAnswer,
    summary="How many people satisfy a cohort definition",
    openapi_extra={"requestBody": _body},
)
def count(request: HttpRequest, name: str, tier: str) -> dict[str, Any]:
    """Moved, rounded up, and suppressed where few; each answer is written in the ledger."""
    return Asker(request.auth).count(_cohort(request, name, tier)).as_dict()  # type: ignore[attr-defined]


@api.post(
    "/releases/{name}/{tier}/exports",
    response=ExportAnswer,
    summary="Register a count for use outside",
    openapi_extra={"requestBody": _body},
)
def export(request: HttpRequest, name: str, tier: str) -> dict[str, Any]:
    """Refused where, with counts exported before, a small group could be worked out."""
    cohort = _cohort(request, name, tier)
    made = exporting.export_count(request.auth, cohort)  # type: ignore[attr-defined]
    return {
        "persons": made.persons,
        "rounded_to": cohort.policy.round_to,
        "release": name,
        "tier": tier,
        "predicate": made.predicate,
        "registered_at": made.at,
    }


@api.post(
    "/releases/{name}/{tier}/cohorts/private-count",
    response=PrivateAnswer,
    summary="A count with differential privacy, where the program answers such",
    openapi_extra={"requestBody": _body},
)
def private_count(request: HttpRequest, name: str, tier: str) -> dict[str, Any]:
    """Each answer costs `epsilon` of the institution's budget for the release."""
    return exporting.count_privately(request.auth, _cohort(request, name, tier))  # type: ignore[attr-defined]


def _cohort(request: HttpRequest, name: str, tier: str) -> Cohort:
    return _opened(request, name, tier).cohort(request.body)


def _opened(request: HttpRequest, name: str, tier: str) -> Release:
    check_can_use_tier(request.auth, tier)  # type: ignore[attr-defined]
    return commons.open(name, tier=tier, home=home())


routes = api.urls  # built anew each time it is asked for, so asked for once
for _pattern in routes[0]:
    _pattern.callback.policy = "api" if _pattern.name != "openapi-json" else "public"
