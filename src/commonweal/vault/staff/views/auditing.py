"""The audit log for auditors: filtered by action and time, page by page, read-only. Reading it stands in it."""

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.audit import reading
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_roles import AuditForm

SIZE = 50


@permission_required("audit")
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Newest first. Persons stand under opaque names, which nobody can read without the site's key."""
    form = AuditForm(request.GET or None, actions=reading.actions())
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    before = request.GET.get("before", "")
    events = reading.events(
        wanted.get("action") or "",
        _midnight(wanted.get("since")),
        _midnight(wanted.get("until"), after=True),
        limit=SIZE + 1,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0,
    )
    audit.record("audit.read", actor=request.user, count=len(events[:SIZE]))
    kept = {name: request.GET.get(name, "") for name in ("action", "since", "until")}
    context = {
        "form": form,
        "events": events[:SIZE],
        "older": events[SIZE - 1].pk if len(events) > SIZE else None,
        "kept": urlencode({name: value for name, value in kept.items() if value}),
        "seal": reading.last_seal(),
    }
    return render(request, "staff/audit.html", context)


def _midnight(day: object, *, after: bool = False) -> datetime | None:
    if not day:
        return None
    start = datetime.combine(day, time(), UTC)  # type: ignore[arg-type]
    return start + timedelta(days=1) if after else start
