"""The cohort page: type, and the count is there. The definition lives in the page; the server keeps nothing of it."""

from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.commons.release import Release
from commonweal.errors import BadInput, Refused
from commonweal.workbench.researchers.models import Researcher
from commonweal.workbench.researchers.policies import researchers_only
from commonweal.workbench.studio import builder, choices, reading, releases
from commonweal.workbench.studio.asking import Asker
from commonweal.workbench.studio.models import SavedCohort
from commonweal.workbench.studio.saving import save_cohort
from commonweal.workbench.studio.views import shown


@researchers_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_page(request: HttpRequest) -> HttpResponse:
    """Builds a cohort step by step; POST answers with the parts that changed where htmx asks, else the whole page."""
    researcher = request.user
    assert isinstance(researcher, Researcher)
    try:
        release = releases.chosen(researcher, request.POST.get("release") or request.GET.get("release"))
    except (Refused, BadInput) as error:
        raise Http404(str(error)) from None
    if release is None:
        return render(request, "studio/nothing.html")
    made, problem = _definition(request, researcher, release)
    answer, wrong = _answer(request, researcher, release, made)
    context = shown.page(release, made, answer) | {
        "problem": problem or wrong,
        "genome_anew": _asks_anew(request, release, problem or wrong),
        "text": request.POST.get("definition", "") if problem else shown.text(made),
        "before": orjson.dumps(made).decode(),
        "releases": releases.usable(researcher),
        "saved": SavedCohort.objects.filter(researcher=researcher),
    }
    return render(request, "studio/parts.html" if request.headers.get("HX-Request") else "studio/cohort.html", context)


def _definition(request: HttpRequest, researcher: Researcher, release: Release) -> tuple[dict[str, Any], str]:
    """The definition the page stands for, and what is wrong with what was sent (then the one before it)."""
    if request.method != "POST":
        saved = SavedCohort.objects.filter(
            researcher=researcher, pk=reading.number(request.GET.get("cohort", ""))
        ).first()
        return dict(saved.definition) if saved else dict(builder.EMPTY), ""
    try:
        made = reading.definition(request.POST, last_day=shown.last_day(release))
        release.cohort(made)
        return made, ""
    except BadInput as error:
        return _before(request), str(error)


def _asks_anew(request: HttpRequest, release: Release, problem: str) -> bool:
    """Whether the fields about the genome are to be emptied: their criterion was added, or they are of another release."""
    added = request.POST.get("action") == "genome" and not problem
    return added or request.POST.get("genome.of") != f"{release.name}/{release.tier}"


def _before(request: HttpRequest) -> dict[str, Any]:
    try:
        return reading.parse(request.POST.get("before") or builder.EMPTY).as_json()
    except BadInput:
        return dict(builder.EMPTY)


def _answer(
    request: HttpRequest, researcher: Researcher, release: Release, made: dict[str, Any]
) -> tuple[dict[str, Any] | None, str]:
    """The attrition and words, the SQL where that was the button; saves the cohort where that was."""
    try:
        cohort = release.cohort(made)
        sql = request.POST.get("action") == "sql"
        answer = Asker(researcher).explain(cohort, language=(get_language() or "en")[:2], sql=sql)
        if request.method == "POST" and request.POST.get("action") == "save":
            saved, new = save_cohort(researcher, request.POST.get("name", ""), cohort)
            text = (
                _("Saved: %(name)s, version %(version)s.")
                if new
                else _("Already saved: %(name)s, version %(version)s.")
            )
            messages.success(request, text % {"name": saved.name, "version": saved.version})
        return answer, ""
    except (BadInput, Refused) as error:
        return None, str(error)


@researchers_only
@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Concepts that match what was typed, or those above and below one, with how many people have each."""
    researcher = request.user
    assert isinstance(researcher, Researcher)
    try:
        release = releases.chosen(researcher, request.GET.get("release"))
    except (Refused, BadInput) as error:
        raise Http404(str(error)) from None
    text, near = request.GET.get("q", "")[:100], reading.number(request.GET.get("around", ""))
    told: dict[str, Any] = {"text": text, "limit": choices.SEARCH_LIMIT, "browsable": False}
    if release is None:
        return render(request, "studio/results.html", told)
    told["browsable"] = release.counter is not None
    try:
        if near is not None:
            told["around"] = Asker(researcher).around(release, near)
            if told["around"] is None:
                raise Http404("concept: this release has none of that number")
        elif len(text.strip()) > 1:
            told["found"] = Asker(researcher).concepts(release, text)
    except Refused as error:
        return HttpResponse(str(error), status=429, content_type="text/plain")
    return render(request, "studio/results.html", told)
