"""How we reach you: the page, and the way out of a mail that one no longer wants."""

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from commonweal.ui.policies import public
from commonweal.vault.messages import reach, texts
from commonweal.vault.messages.actions import prefer
from commonweal.vault.messages.delivery import SALT_STOP
from commonweal.vault.messages.forms import PreferenceForm
from commonweal.vault.messages.models import Message
from commonweal.vault.people.access import participant_only, the_participant

SOURCE = "portal"


@participant_only
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Channels, topics, quiet hours, language."""
    person = the_participant(request)
    email, phone = reach.email_of(person.account), reach.phone_of(person.account)
    form = PreferenceForm(
        request.POST if request.method == "POST" else None,
        preference=reach.preference_of(person),
        email=email,
        phone=phone,
    )
    if request.method == "POST" and form.is_valid():
        prefer(person, source=SOURCE, actor=request.user, **form.said())
        messages.success(request, _("Saved. This is how we reach you from now on."), extra_tags="good")
        return redirect("contact_preferences")
    return render(request, "post/preferences.html", {"form": form})


@csrf_exempt
@public
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more mail of this kind: a page that asks, and the one click of mail programs (RFC 8058), without logging in."""
    try:
        sent = Message.objects.get(uuid=signing.loads(token, salt=SALT_STOP))
    except (signing.BadSignature, Message.DoesNotExist):
        raise Http404 from None
    done = request.method == "POST"
    if done and sent.participant is not None:
        template = texts.TEMPLATES.get(sent.template)
        topic = template.topic if template else ""
        refused = topic if topic in (texts.REMINDERS, texts.NEWS) else Message.EMAIL
        prefer(sent.participant, source="e-mail", **{refused: False})
    return render(request, "post/stop.html", {"done": done})
