"""The participant's own pages: where to go next, home, and what we hold."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.ui.context import current_protocol
from commonweal.ui.policies import policy
from commonweal.vault.consent.grants import deactivated_at, withdrawn_at
from commonweal.vault.journey import figures, my_data, steps, story
from commonweal.vault.journey.used_for import releases_of
from commonweal.vault.messages.views.appointments import listed
from commonweal.vault.messages.views.inbox import unread
from commonweal.vault.people.access import own_only, own_participant, participant_of, require_log_in, the_participant
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.helping import signs_for_self
from commonweal.vault.people.invitations import remember_arrival

anyone_known = policy("account", require_log_in)


@anyone_known
@require_safe
def onwards(request: HttpRequest) -> HttpResponse:
    """Where an account goes after a step: the next step of joining, home, or the staff's pages."""
    person = participant_of(request)
    if person is None:
        return redirect("staff")
    if person == own_participant(request):
        remember_arrival(request, person)
    if withdrawn_at(person) or deactivated_at(person):
        return redirect("home")
    step = steps.following(steps.of(person, current_protocol()))
    return redirect(step.url if step and step.joining else "home")


@anyone_known
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is next, what I gave, what it was used for. Staff without a participant go to their own pages."""
    person = participant_of(request)
    if person is None:
        return redirect("staff")
    left, deactivated = withdrawn_at(person), deactivated_at(person)
    protocol = current_protocol()
    ladder = steps.of(person, protocol)
    following = None if left or deactivated else steps.following(ladder)
    own = signs_for_self(request)
    surveys = [step for step in ladder if step.id in protocol.surveys]
    more = [step for step in surveys if not (step.done or step.waits or step is following)] if following else []
    happened = story.of(person, protocol) if own else []
    return render(
        request,
        "journey/home.html",
        {
            "profile": current_profile(person),
            "left": left,
            "following": following,
            "declined": steps.declined(ladder),
            "ladder": ladder,
            "own": own,
            "given": [step for step in ladder if step.when and step.done and not step.first],
            "happened": happened[: story.SHOWN],
            "earlier": happened[story.SHOWN :],
            "standing": None if left else story.standing(person),
            "consents": [step for step in ladder if step.id in protocol.consents],
            "answers_surveys": bool(surveys) and not left,
            "more_surveys": more,
            "survey_minutes": sum(step.minutes for step in more),
            "unread": unread(person) if own else 0,
            "coming": [one for one in listed(person) if one["open"]],
            "deactivated": deactivated,
            "others": None if left else figures.published(protocol).joined.persons,
            "records": my_data.records(person) if own else [],
            "rolls": releases_of(person),
        },
    )


@own_only
@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """All that we hold about this person as one JSON file."""
    person = the_participant(request)
    audit.record("data.downloaded", actor=person, subject=person)
    answer = JsonResponse(my_data.document(person), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    answer["Cache-Control"] = "no-store"
    return answer
