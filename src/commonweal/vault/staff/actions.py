"""What stewards ask of the bridge. The portal only writes the request; the bridge's worker does it and answers there."""

import re
from typing import Any

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.people.models import Account
from commonweal.vault.staff.models import ReleaseRequest
from commonweal.vault.staff.policies import check_can_request_release
from commonweal.vault.times import day

BUILD, CHECK, PUBLISH, RETRACT = "build", "check", "publish", "retract"
RELEASE_NAME = re.compile(r"[0-9]{4}Q[1-4]R[0-9]{1,2}")
TIERS = ("public", "registered", "controlled")
ENGINES = ("duckdb", "spark")
OPEN_STATES = ("asked", "working")


@transaction.atomic
def request_release(account: Account, action: str, release: str, **arguments: Any) -> ReleaseRequest:
    """Ask the bridge to build (cutoff="YYYY-MM-DD", tiers=[…], engine=duckdb|spark), check, publish or retract a release.

    `why`: to check, the reason for what differs much from the release before; to retract, the reason that readers see.

    Raises Refused for who is no steward or while the same release is being worked on; BadInput for what cannot be asked.
    """
    check_can_request_release(account)
    _check(action, release, arguments)
    if ReleaseRequest.objects.select_for_update().filter(release=release, state__in=OPEN_STATES).exists():
        raise Refused(f"release {release}: something is being done with it already; wait until it is finished")
    request = ReleaseRequest.objects.create(action=action, release=release, arguments=arguments, asked_by=account)
    audit.record("release.request", actor=account, request=request.pk, asked=action, release=release)
    return request


def _check(action: str, release: str, arguments: dict[str, Any]) -> None:
    if not RELEASE_NAME.fullmatch(release):
        raise BadInput("release name: write year, quarter and revision, such as 2026Q4R1")
    if action == BUILD:
        if day(str(arguments.get("cutoff", "")), "release cutoff") > timezone.now().date():
            raise BadInput("release cutoff: this day is still to come")
        unknown = set(arguments.get("tiers", ["registered"])) - set(TIERS)
        if unknown or not arguments.get("tiers", ["registered"]):
            raise BadInput(f"release tiers: choose among {', '.join(TIERS)}")
        if arguments.get("engine", ENGINES[0]) not in ENGINES:
            raise BadInput(f"release engine: choose among {', '.join(ENGINES)}")
    elif action == RETRACT:
        if not str(arguments.get("why", "")).strip():
            raise BadInput("release retraction: say why; the reason is published")
    elif action not in (CHECK, PUBLISH):
        raise BadInput("release request: not one of build, check, publish, retract")
