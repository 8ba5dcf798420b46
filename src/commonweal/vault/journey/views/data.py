"""My data: an overview, and a page for each kind of thing that we hold about a person. Theirs alone."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.ui.context import current_protocol, language
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.journey import my_data
from commonweal.vault.journey.my_data import answers, between, charts, days, health, measured, overview, spans, wrong
from commonweal.vault.people.access import own_only, the_participant
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.left_out import days_of
from commonweal.vault.wearables.models import Connection
from commonweal.vault.wearables.providers import name_of

STALE_DAYS = 3  # after so many days without anything new, the page says since when


def _page(request: HttpRequest, kind: str) -> tuple[Participant, dict[str, Any]]:
    """The person, and what every page of theirs is given; that it was opened is written down."""
    person = the_participant(request)
    audit.record("data.viewed", actor=person, subject=person, kind=kind)
    return person, {"left": withdrawn_at(person), "may_correct": wrong.may_correct(person)}


@own_only
@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What kinds of things we hold, how much, since when, and who gave it."""
    person, context = _page(request, "overview")
    return render(request, "journey/data/index.html", context | {"groups": overview.of(person, current_protocol())})


@own_only
@never_cache
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who the person says they are, now and before."""
    person, context = _page(request, "about")
    earlier = list(person.profiles.order_by("-authored_time", "-id"))[1:]
    context |= {"person": person, "profile": current_profile(person), "earlier": earlier}
    return render(request, "journey/data/about.html", context)


@own_only
@never_cache
@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    """Each answer to each consent, with the text as it was read."""
    person, context = _page(request, "consents")
    return render(
        request, "journey/data/consents.html", context | {"consents": my_data.consents(person, current_protocol())}
    )


@own_only
@never_cache
@require_safe
def surveys(request: HttpRequest) -> HttpResponse:
    """The surveys that were handed in."""
    person, context = _page(request, "answers")
    return render(request, "journey/data/answers.html", context | {"given": answers.given(person, current_protocol())})


@own_only
@never_cache
@require_safe
def response(request: HttpRequest, number: UUID) -> HttpResponse:
    """One survey with its answers, and how others answered."""
    person, context = _page(request, "response")
    found = answers.one(person, number)
    if found is None:
        raise Http404
    protocol = current_protocol()
    listed = {one.response.pk: one for one in answers.given(person, protocol)}
    shown = listed[found.pk]
    context |= {
        "one": shown,
        "corrects": found.supersedes,
        "pages": answers.answered(found, protocol, language()),
        "open": found.questionnaire in protocol.surveys and shown.replaced_by is None,
    }
    return render(request, "journey/data/response.html", context)


def _wearable(request: HttpRequest, kind: str) -> tuple[Participant, dict[str, Any]]:
    person, context = _page(request, kind)
    held = days.held(person, (kind,)).get(kind)
    name, page = overview.WEARABLES[kind]
    context |= {"name": name, "page": page, "held": held, "kind": kind, "ranges": spans.NAMES}
    context["connected"] = person.wearable_connections.filter(state=Connection.CONNECTED).exists()
    if held:
        span = spans.asked(request.GET.get("range", ""), request.GET.get("until", ""), held.last)
        source = ", ".join(name_of(one) for one in held.providers)
        found = days.read(person, kind, span.first, span.last)
        out = days_of(person)
        context |= {
            "span": span,
            "source": source,
            "charts": [draw(found, span, source) for draw in charts.BY_KIND[kind]],
            "earlier": span.before if span.first > held.first else None,
            "later": min(span.after, held.last) if span.last < held.last else None,
            "stale": (timezone.localdate() - held.last).days > STALE_DAYS,
            "left_out": sorted((d, fact) for d, fact in out.items() if span.first <= d <= span.last),
        }
    return person, context


@own_only
@never_cache
@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """Steps and active minutes."""
    return render(request, "journey/data/wearable.html", _wearable(request, days.ACTIVITY)[1])


@own_only
@never_cache
@require_safe
def sleep(request: HttpRequest) -> HttpResponse:
    """Sleep and its stages."""
    return render(request, "journey/data/wearable.html", _wearable(request, days.SLEEP)[1])


@own_only
@never_cache
@require_safe
def heart(request: HttpRequest) -> HttpResponse:
    """Heart rate by day, and one chosen day minute by minute."""
    person, context = _wearable(request, days.HEART)
    newest = days.newest_with_minutes(person) if context["held"] else None
    if newest:
        chosen = _day(request.GET.get("day", "")) or min(newest, context["span"].last)
        context |= {
            "chosen": chosen,
            "day_chart": charts.one_day(chosen, days.minutes(person, chosen), context["source"]),
        }
    return render(request, "journey/data/wearable.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@own_only
@never_cache
@require_safe
def measurements(request: HttpRequest) -> HttpResponse:
    """The latest of each kind of result."""
    person, context = _page(request, "measurements")
    rows = [
        {
            "one": one,
            "value": measured.value(one, one.latest),
            "range": measured.range_words(one, one.latest),
            "place": measured.place_words(one.latest),
            "count": len(one.readings),
        }
        for one in health.measures(person)
    ]
    return render(request, "journey/data/measurements.html", context | {"rows": rows, "advice": measured.ADVICE})


@own_only
@never_cache
@require_safe
def measurement(request: HttpRequest, key: str) -> HttpResponse:
    """One kind of result over time."""
    person, context = _page(request, "measurement")
    one = next((m for m in health.measures(person) if m.key == key), None)
    if one is None:
        raise Http404
    sites = current_protocol().sites
    places = sorted({sites[r.site].name if r.site in sites else r.site for r in one.readings if r.site})
    words = [{"when": r.when, "text": measured.value(one, r)} for r in reversed(one.readings) if r.number is None]
    context |= {
        "one": one,
        "chart": measured.chart(one) if one.numbers else None,
        "words": words[: health.MOST],
        "places": places,
        "advice": measured.ADVICE,
    }
    return render(request, "journey/data/measurement.html", context)


@own_only
@never_cache
@require_safe
def listed(request: HttpRequest, page: str) -> HttpResponse:
    """Diagnoses, medicines, vaccinations, …, as the records have them."""
    if page not in health.LISTED:
        raise Http404
    person, context = _page(request, "list")
    found = health.entries(person, page)
    sites = current_protocol().sites
    rows = [
        {"one": one, "places": ", ".join(sites[s].name if s in sites else s for s in one.sites)}
        for one in found[: health.MOST]
    ]
    context |= {"name": health.LISTED[page][0], "page": page, "rows": rows, "total": len(found), "most": health.MOST}
    return render(request, "journey/data/list.html", context)


@own_only
@never_cache
@require_safe
def relations(request: HttpRequest) -> HttpResponse:
    """What passed between the person and the program."""
    person, context = _page(request, "between")
    return render(request, "journey/data/between.html", context | {"sections": between.of(person, current_protocol())})
