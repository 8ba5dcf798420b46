"""What is left of the portal to somebody who has left: the receipt, the ceremony, their own data, the account itself."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from commonweal.ui.policies import policy_of
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.people.helping import acting_for

RECEIPT = "leaving_receipt"
OPEN = frozenset(
    {RECEIPT, "leaving_receipt_file", "leaving_ceremony", "seen", "security"}
    | {"data", "data_download", "data_about", "data_consents", "data_answers", "data_response", "data_activity"}
    | {"data_sleep", "data_heart", "data_measurements", "data_measurement", "data_list", "data_between"}
    | {"data_take", "data_take_file"}  # what they gave, to see and to take along; not to correct
    | {"help_others", "help_begin", "help_leave", "help_stop"}  # who has left may still help somebody else
)
STAFF = ("staff", "partner", "api")  # policies of people who work here, which ask for a role of their own


class OnlyTheReceipt:
    """Middleware: any other page of somebody's own leads to the receipt. Deny by default: a new page is closed to them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        person = getattr(request.user, "participant", None) if request.user.is_authenticated else None
        if person is None or _stays_open(request, view) or withdrawn_at(person) is None:
            return None
        return None if acting_for(request) else redirect(RECEIPT)


def _stays_open(request: HttpRequest, view: Any) -> bool:
    match = request.resolver_match
    if policy_of(view) in ("public", "outside") or (match and match.url_name in OPEN):
        return True
    return (policy_of(view) or "").startswith(STAFF)
