"""The portal's machine interface at /api/: participants, summaries, pairing, files of participants, and the feed of changes."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Path, Query, Schema, Status
from ninja.errors import HttpError
from ninja.throttling import AuthRateThrottle

from commonweal import __version__
from commonweal.ui import api_errors
from commonweal.ui.context import current_protocol
from commonweal.vault.api import imports, pairing, tokens
from commonweal.vault.api.access import Token, check_right, expected_version, note_seen, open_person, people_of, tag
from commonweal.vault.api.models import ImportJob
from commonweal.vault.api.summary import summaries
from commonweal.vault.people import changes
from commonweal.vault.people.models import Participant

PAGE, LARGEST_PAGE, LARGEST_FEED = 100, 200, 1000


class Identified(Schema):
    """Exactly one of the two; they travel in the body, never in an address."""

    participantId: pairing.Line | None = None
    externalId: pairing.Line | None = None


class Brief(Schema):
    """A participant as the pairing interface knows them. `id` is what addresses of this interface hold."""

    id: UUID
    version: int
    participantId: str
    biobankId: str
    participantOrigin: str
    signUpTime: datetime
    awardee: str
    organization: str
    site: str


Summary = dict[str, Any]  # `id`, `version`, and the fields that may be seen of this person: see api/summary.py


class Page(Schema):
    """`next` is null on the last page."""

    participants: list[Summary]
    next: str | None


class ChangeRow(Schema):
    """Something became known about a participant: `kind` says what, their summary says how they stand now."""

    position: int
    id: UUID
    kind: str
    at: datetime


class Feed(Schema):
    """Read again with `after` = `next`. Each change comes at least once; a reader must stand seeing one twice."""

    changes: list[ChangeRow]
    next: int
    more: bool


class Import(Schema):
    """`answer`: people accepted, unchanged, rejected, unmatched, once it is done."""

    id: UUID
    state: str
    answer: dict[str, int]
    why: str


api = NinjaAPI(
    title="Commonweal portal",
    version=__version__,
    description="For partner systems: health systems, states, community organisations, with a token of the program's operators.",
    docs_url=None,
    auth=Token(),
    throttle=[AuthRateThrottle("600/min")],
    urls_namespace="exchange",
)
api_errors.install(api, too_large=imports.TOO_LARGE)
api.add_exception_handler(
    changes.Stale, lambda request, error: api.create_response(request, api_errors.problem(str(error)), status=412)
)
api.add_exception_handler(
    HttpError,
    lambda request, error: api.create_response(request, api_errors.problem(str(error)), status=error.status_code),
)


def _brief(person: Participant) -> dict[str, Any]:
    return {
        "id": person.uuid,
        "version": changes.version(person),
        "participantId": person.participant_id,
        "biobankId": person.biobank_id,
        "participantOrigin": person.origin,
        "signUpTime": person.registered_at,
        **pairing.described(person, current_protocol()),
    }


def _tagged(response: HttpResponse, found: dict[str, Any]) -> dict[str, Any]:
    response["ETag"] = tag(found["version"])
    response["Cache-Control"] = "no-store"
    return found


@api.post("/participants/find", response=Brief, summary="Find one participant by an exact id")
def find(request: HttpRequest, body: Identified, response: HttpResponse) -> dict[str, Any]:
    token = check_right(request, tokens.PARTICIPANTS_READ)
    if bool(body.participantId) == bool(body.externalId):
        raise HttpError(422, "body: give either participantId or externalId")
    sought = {"participant_id": body.participantId} if body.participantId else {"external_id": body.externalId}
    person = people_of(token).filter(**sought).first()
    return _tagged(response, _brief(open_person(token, person.uuid if person else UUID(int=0), "found")))


@api.get("/participants/{uuid:id}", response=Brief, summary="One participant, with the version as ETag")
def participant(request: HttpRequest, id: Annotated[UUID, Path()], response: HttpResponse) -> dict[str, Any]:
    token = check_right(request, tokens.PARTICIPANTS_READ)
    return _tagged(response, _brief(open_person(token, id, "participant")))


@api.put("/participants/{uuid:id}/pairing", response=Brief, summary="Pair a participant; If-Match is required")
def pair(
    request: HttpRequest, id: Annotated[UUID, Path()], body: pairing.PairingBody, response: HttpResponse
) -> dict[str, Any]:
    token = check_right(request, tokens.PAIRING_WRITE)
    expected = expected_version(request)
    person = open_person(token, id, "pairing")
    return _tagged(response, _brief(pairing.put(token, person, body, expected, current_protocol())))


@api.get("/participants/{uuid:id}/summary", response=Summary, summary="A participant's summary")
def summary(request: HttpRequest, id: Annotated[UUID, Path()], response: HttpResponse) -> dict[str, Any]:
    token = check_right(request, tokens.SUMMARY_READ)
    person = open_person(token, id, "summary")
    return _tagged(response, summaries([person], current_protocol(), timezone.now())[0])


@api.get("/summaries", response=Page, summary="Summaries of the token's people, page by page")
def all_summaries(
    request: HttpRequest,
    response: HttpResponse,
    after: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
) -> dict[str, Any]:
    token = check_right(request, tokens.SUMMARY_READ)
    found = list(people_of(token).filter(pk__gt=_place(after)).order_by("pk")[: limit + 1])
    page = found[:limit]
    with transaction.atomic():
        for person in page:
            note_seen(token, person, "summary")
    response["Cache-Control"] = "no-store"
    following = _bookmark(page[-1].pk) if len(found) > limit else None
    return {"participants": summaries(page, current_protocol(), timezone.now()), "next": following}


def _bookmark(place: int) -> str:
    return base64.urlsafe_b64encode(f"after {place}".encode()).decode()


def _place(bookmark: str) -> int:
    if not bookmark:
        return 0
    try:
        return int(base64.urlsafe_b64decode(bookmark.encode()).decode().removeprefix("after "))
    except (ValueError, binascii.Error):
        raise HttpError(422, "after: no place to go on from; send what `next` said") from None


@api.get("/changes", response=Feed, summary="What became known, in order, from a position on")
def feed(
    request: HttpRequest,
    response: HttpResponse,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_FEED)] = PAGE,
) -> dict[str, Any]:
    token = check_right(request, tokens.CHANGES_READ)
    response["Cache-Control"] = "no-store"
    rows, following, more = changes.after(after, people_of(token), limit)
    listed = [{"position": row.position, "id": row.participant.uuid, "kind": row.kind, "at": row.at} for row in rows]
    return {"changes": listed, "next": following, "more": more}


_csv = {"content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}
_file = _csv | {"required": True}


@api.post(
    "/imports",
    response={202: Import, 200: Import},
    summary="Send a participants file (CSV of the contract); it is taken in the background",
    openapi_extra={"requestBody": _file},
)
def send_file(request: HttpRequest) -> Status[dict[str, Any]]:
    token = check_right(request, tokens.PARTICIPANTS_IMPORT)
    if int(request.headers.get("Content-Length") or 0) > imports.LARGEST:
        raise HttpError(413, imports.TOO_LARGE)
    job, fresh = imports.receive(token, request.read())
    return Status(202 if fresh else 200, _job(job))


@api.get("/imports/{uuid:id}", response=Import, summary="What became of a file")
def import_state(request: HttpRequest, id: Annotated[UUID, Path()]) -> dict[str, Any]:
    return _job(_own_job(request, id))


@api.get(
    "/imports/{uuid:id}/rejected",
    response={200: None},
    summary="The rows that could not be taken, with reasons",
    openapi_extra={"responses": {200: {"description": "The rows, as CSV"} | _csv}},
)
def import_rejected(request: HttpRequest, id: Annotated[UUID, Path()]) -> HttpResponse:
    rows = imports.rejected(_own_job(request, id))
    if rows is None:
        raise HttpError(404, "import: no row was rejected")
    return HttpResponse(rows, content_type="text/csv", headers={"Cache-Control": "no-store"})


def _own_job(request: HttpRequest, id: UUID) -> ImportJob:
    token = check_right(request, tokens.PARTICIPANTS_IMPORT)
    job = ImportJob.objects.filter(uuid=id, token=token).first()
    if job is None:
        raise HttpError(404, "import: no such file of this token")
    return job


def _job(job: ImportJob) -> dict[str, Any]:
    return {"id": job.uuid, "state": job.state, "answer": job.answer, "why": job.why}


routes = api.urls  # built anew each time it is asked for, so asked for once
for _pattern in routes[0]:
    _pattern.callback.policy = "api" if _pattern.name != "openapi-json" else "public"
