"""Whether somebody can join, where their answers need a look: what they said, and the decision with its reason."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from commonweal.ui.context import current_protocol, words
from commonweal.vault.messages import actions as post
from commonweal.vault.people import actions, eligibility
from commonweal.vault.people.changes import Stale, locked, version
from commonweal.vault.people.current import current_eligibility
from commonweal.vault.people.models import Eligibility, Participant
from commonweal.vault.staff import seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_person import Versioned
from commonweal.vault.staff.views.people import person_or_404


class ReviewForm(Versioned):
    """Yes, or no with words for the person."""

    state = forms.ChoiceField(
        label=gettext_lazy("Can this person join?"),
        widget=forms.RadioSelect,
        choices=[
            (eligibility.ELIGIBLE, gettext_lazy("Yes")),
            (eligibility.NOT_ELIGIBLE, gettext_lazy("No")),
        ],
    )
    reason = forms.CharField(
        label=gettext_lazy("If not: why"),
        help_text=gettext_lazy("The person will read this. Write it kindly, in their language."),
        required=False,
        max_length=actions.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("state") == eligibility.NOT_ELIGIBLE and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why; the person will read it."))
        return data


@permission_required("review_eligibility")
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the person answered, and the decision. They are told that there is one."""
    person = person_or_404(request, uuid, "review_eligibility")
    form = ReviewForm(request.POST if request.method == "POST" else None, initial={"version": version(person)})
    overtaken = False
    if current_eligibility(person) and form.is_bound and form.is_valid():
        overtaken = not _decide(request, person, form)
        if not overtaken:
            messages.success(request, _("Saved."), extra_tags="good")
            return redirect("staff_person", person.uuid)
        form.newer(version(person))
    seeing.note(request.user, person, "form", permission="review_eligibility")
    found = current_eligibility(person)
    context = {"person": person, "form": form, "overtaken": overtaken, "found": found, "said": _said(found)}
    return render(request, "staff/eligibility.html", context, status=409 if overtaken else 200)


def _decide(request: HttpRequest, person: Participant, form: ReviewForm) -> bool:
    """False where the person changed meanwhile, perhaps by answering again."""
    data = form.cleaned_data
    try:
        with locked(person, data["version"]) as held:
            reason = data["reason"] if data["state"] == eligibility.NOT_ELIGIBLE else ""
            fact = actions.review_eligibility(held, data["state"], reason, by=request.user)
            post.send(held, "eligibility_reviewed", key=str(fact.pk), link="/next/")
    except Stale:
        return False
    return True


def _said(found: Eligibility | None) -> list[tuple[str, bool | None]]:
    """Each question of the program with what the person answered; None where they were not sure."""
    if found is None:
        return []
    return [(words(one.text), found.answers.get(one.id)) for one in current_protocol().eligibility]
