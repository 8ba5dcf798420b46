"""Where there is no network: a page that browsers keep, the same for everybody, and the script that keeps it."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commonweal import __version__
from commonweal.ui.policies import public


@public
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """In every language at once, because what is kept cannot know who opens it."""
    return render(request, "surveys/offline.html", {"languages": [code for code, _name in settings.LANGUAGES]})


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the folder of the surveys: so it sees their pages alone. A new version keeps the page anew."""
    script = Path(finders.find("surveys/offline-worker.js")).read_text(encoding="utf-8")
    answer = HttpResponse(f"// {__version__}\n{script}", content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer
