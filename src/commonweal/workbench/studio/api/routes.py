"""Operations: which releases there are, what one holds, and how many people satisfy a cohort definition."""

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.throttling import AuthRateThrottle

from commonweal import __version__, commons
from commonweal.commons.cohort.definition import Definition
from commonweal.ui import api_errors
from commonweal.workbench.researchers.policies import can_use_tier, check_can_use_tier
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
    """`persons` is null where it is suppressed; else rounded up to a multiple of `rounded_to`, unless `exact`."""

    persons: int | None
    suppressed: bool
    rounded_to: int | None
    exact: bool
    release: str
    tier: str
    seconds: float


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
    check_can_use_tier(request.auth, tier)  # type: ignore[attr-defined]
    found = commons.open(name, tier=tier, home=home())
    return found.describe() | {"tables": found.tables}


@api.post(
    "/releases/{name}/{tier}/cohorts/count",
    response=CountAnswer,
    summary="How many people satisfy a cohort definition",
    openapi_extra={"requestBody": _body},
)
def count(request: HttpRequest, name: str, tier: str) -> dict[str, Any]:
    """Rounded up, and suppressed where few; each answer is written in the ledger."""
    check_can_use_tier(request.auth, tier)  # type: ignore[attr-defined]
    cohort = commons.open(name, tier=tier, home=home()).cohort(request.body)
    return Asker(request.auth).count(cohort).as_dict()  # type: ignore[attr-defined]


routes = api.urls  # built anew each time it is asked for, so asked for once
for _pattern in routes[0]:
    _pattern.callback.policy = "api" if _pattern.name != "openapi-json" else "public"
