"""Pages that both sites have: is the process up, can it answer, and (in development) every part of the design."""

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import check_for_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from commonweal.ui import samples
from commonweal.ui.policies import public


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process runs."""
    return JsonResponse({"ok": True})


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return JsonResponse({"ok": False, "database": "unreachable"}, status=503)
    return JsonResponse({"ok": True, "database": "reachable"})


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages, and keep it with the account of one who is logged in."""
    chosen = request.POST.get("language")
    if request.user.is_authenticated and hasattr(request.user, "language") and check_for_language(chosen or ""):
        get_user_model().objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language(request)


class SampleForm(forms.Form):
    """One field of each kind, for the page of parts."""

    name = forms.CharField(label=_("Given name"), help_text=_("As it stands on your identity card."))
    month = forms.ChoiceField(label=_("Month"), choices=[("1", _("January")), ("2", _("February"))])
    answer = forms.ChoiceField(
        label=_("Do you agree?"), widget=forms.RadioSelect, choices=[("yes", _("Yes")), ("no", _("No"))]
    )
    many = forms.MultipleChoiceField(
        label=_("Which of these?"),
        widget=forms.CheckboxSelectMultiple,
        choices=[("a", _("This")), ("b", _("That"))],
        required=False,
    )
    sure = forms.BooleanField(label=_("I understand"), required=False)
    note = forms.CharField(label=_("Anything else"), widget=forms.Textarea, required=False)


@public
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every part of the design system on one page; only in development."""
    if not settings.DEBUG:
        raise Http404
    wrong = SampleForm({"name": ""})
    wrong.is_valid()
    return render(request, "ui/gallery.html", {"form": SampleForm(), "wrong": wrong, **samples.sample()})
