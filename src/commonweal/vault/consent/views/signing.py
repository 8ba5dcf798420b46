"""The page where a consent is decided: the form, the one action behind it, and what the person is told."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions, assisted
from commonweal.vault.consent.answering import DECIDED, Given, holds, latest_answer
from commonweal.vault.consent.contents import day_and_time
from commonweal.vault.consent.forms import SignatureForm
from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument
from commonweal.vault.consent.reading import what_changed
from commonweal.vault.consent.showing import Shown
from commonweal.vault.consent.signing import SignatureGiven
from commonweal.vault.consent.views import together
from commonweal.vault.people import helping
from commonweal.vault.people.access import the_participant
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant


def decide(request: HttpRequest, shown: Shown) -> HttpResponse:
    """Show the statement and take the answer in."""
    helped = assisted.of(request)
    if helped:
        return together.decide(request, shown, helped)
    person = the_participant(request)
    standing = _standing(person, shown.module.id)
    expected = "" if helping.guardian_of(request) else _name(person)  # a guardian signs with a name of their own
    posted = request.POST if request.method == "POST" else None
    form = SignatureForm(posted, expected_name=expected, initials=shown.form.initials)
    if posted is not None and form.is_valid():
        if form.cleaned_data["answer"] == ConsentAnswer.LATER and standing:
            messages.info(request, _("Your answer stays as it was. You can change it at any time."))
            return redirect("home")
        answer = _take(request, shown, form)
        if answer:
            return answer
    context = {"form": form, "number": shown.parts, "today": timezone.now(), "standing": standing}
    return render(request, "consent/sign.html", shown.context | context)


def _standing(person: Participant, module_id: str) -> ConsentAnswer | None:
    """The decision that holds now, if there is one."""
    latest = latest_answer(person, module_id)
    return latest if latest and latest.answer in DECIDED and holds(latest, timezone.now()) else None


def _name(person: Participant) -> str:
    profile = current_profile(person)
    return f"{profile.given_name} {profile.family_name}".strip() if profile else ""


def _take(request: HttpRequest, shown: Shown, form: SignatureForm) -> HttpResponse | None:
    """Where it leads; None, with the reason in the form, where the answer could not be taken."""
    try:
        given = _give(request, shown, form)
    except actions.Superseded:
        form.add_error(None, what_changed(shown.module, shown.text, form.cleaned_data["content_sha256"]))
    except (BadInput, Refused):
        said = _("We could not take your answer down. Nothing has changed. Please call us, and we will help you.")
        form.add_error(None, said)
    else:
        return _told(request, shown, given)
    return None


def _give(request: HttpRequest, shown: Shown, form: SignatureForm) -> Given:
    data = form.cleaned_data
    signature = _by_guardian(request, form) if data["answer"] == ConsentAnswer.YES else None
    return actions.give(
        the_participant(request),
        shown.module.id,
        data["answer"],
        language=shown.language,
        signed_name=signature.typed_name if signature else "",
        content_sha256=data["content_sha256"],
        protocol=current_protocol(),
        source="portal",
        form=shown.form.id,
        signature=signature,
        by=link.account if (link := helping.guardian_of(request)) else None,
    )


def _by_guardian(request: HttpRequest, form: SignatureForm) -> SignatureGiven:
    signature, link = form.given(), helping.guardian_of(request)
    if link is None:
        return signature
    return replace(signature, guardian_name=signature.typed_name, guardian_relationship=link.relationship)


def _told(request: HttpRequest, shown: Shown, given: Given) -> HttpResponse:
    answer = given.fact
    if not given.added:
        said = _("You have answered already: on %(when)s. Nothing was changed; here it is.")
        messages.info(request, said % {"when": day_and_time(answer.event_time)})
        document = ConsentDocument.objects.filter(answer=answer).first()
        return redirect("consent_document", document.uuid) if document else redirect("consent", shown.module.id)
    good = "good" if answer.answer == ConsentAnswer.YES else ""
    messages.success(request, _said(answer.answer, bool(shown.module.scopes)), extra_tags=good)
    return redirect("next" if answer.answer in DECIDED or answer.answer == ConsentAnswer.NOT_SURE else "home")


def _said(answer: str, grants: bool) -> str:
    if answer == ConsentAnswer.YES and not grants:
        return _("Thank you. We have kept your signature; your copy is under Your consents.")
    if answer == ConsentAnswer.NO and not grants:
        return _("We have recorded your no. Without this signature you cannot join; you can sign at any time.")
    return {
        ConsentAnswer.YES: _("Thank you. We have recorded your yes; you can change it at any time."),
        ConsentAnswer.NO: _("We have recorded your no. You can change it at any time."),
        ConsentAnswer.NOT_SURE: _("That is fine. Take your time; we will ask you again when you come back."),
        ConsentAnswer.LATER: _("That is fine. It waits for you here until you decide."),
    }[answer]
