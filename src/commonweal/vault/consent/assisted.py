"""Consent together: the person decides on the device of the staff at their side, and a third person sees it and signs.

The person reads the same screens and signs as they would alone. Whoever helps is written down with the answer, and so is
the witness, who must be somebody else than both.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.errors import Refused
from commonweal.vault.consent import actions, answering, reading, signing
from commonweal.vault.consent.answering import Given
from commonweal.vault.consent.forms import SignatureForm
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Account, Participant

if TYPE_CHECKING:
    from commonweal.protocol import Protocol
    from commonweal.vault.consent.showing import Shown

IN_SESSION = "together"  # what the session knows while it lasts; the staff's room begins and ends it


@dataclass(frozen=True)
class Together:
    """A session in which `by` helps `person` with one module. A request carries it while it lasts."""

    person: Participant
    module: str
    by: Account


def of(request: HttpRequest) -> Together | None:
    return getattr(request, "together", None)


def decided(request: HttpRequest) -> None:
    """The module is answered: no screen of it is open any more, and the device waits to be given back."""
    request.session[IN_SESSION] = request.session[IN_SESSION] | {"over": True}
    forget_reading(request)


def forget_reading(request: HttpRequest) -> None:
    """What one person has read counts for nobody else."""
    request.session.pop(reading._KEY, None)


def name_of(person: Participant | None) -> str:
    profile = current_profile(person) if person else None
    return f"{profile.given_name} {profile.family_name}".strip() if profile else ""


def may_witness(name: str, person: Participant, by: Account) -> bool:
    """Somebody with a name, who is neither the person nor, as far as their name is known, who helps."""
    taken = {signing.plain(name_of(person)), signing.plain(name_of(getattr(by, "participant", None)))} - {""}
    return signing.has_letters(name) and signing.plain(name) not in taken


class TogetherForm(SignatureForm):
    """The person's signature, and that of the witness."""

    witness_name = forms.CharField(
        label=_("Name of the witness"),
        help_text=_("Somebody who was there the whole time: neither the person who decides nor who helps."),
        required=False,
        max_length=signing.LONGEST_OTHER_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    witness_signature = forms.CharField(
        label=_("Signature of the witness"),
        help_text=_("The witness types the same name once more: this is their signature."),
        required=False,
        max_length=signing.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, together: Together, **kwargs: Any) -> None:
        super().__init__(*args, expected_name=name_of(together.person), **kwargs)
        self.together = together

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("answer") == answering.YES:
            self._check_witness(data.get("witness_name", ""), data.get("witness_signature", ""))
        return data

    def _check_witness(self, name: str, signature: str) -> None:
        if not name.strip():
            self.add_error("witness_name", gettext("A yes needs a witness. Please write their name."))
        elif not may_witness(name, self.together.person, self.together.by):
            self.add_error("witness_name", gettext("The witness must be somebody else than the person and who helps."))
        elif signing.plain(signature) != signing.plain(name):
            self.add_error("witness_signature", gettext("The witness signs with the name that stands above."))

    def given(self) -> signing.SignatureGiven:
        data = self.cleaned_data
        witness = {name: data[name].strip() for name in ("witness_name", "witness_signature")}
        return replace(super().given(), assisted_by=self.together.by, **witness)


def give(together: Together, shown: "Shown", form: TogetherForm, protocol: "Protocol") -> Given:
    """Take the answer. Raises as `actions.give`, and Refused for a yes without a witness who may be one."""
    data = form.cleaned_data
    signature = form.given() if data["answer"] == answering.YES else None
    if signature and not may_witness(signature.witness_name, together.person, together.by):
        raise Refused("consent together: a yes needs a witness other than the person and who helps")
    return actions.give(
        together.person,
        together.module,
        data["answer"],
        language=shown.language,
        signed_name=signature.typed_name if signature else "",
        content_sha256=data["content_sha256"],
        protocol=protocol,
        source="staff",
        form=shown.form.id,
        method=ConsentAnswer.ASSISTED,
        signature=signature,
        by=together.by,
    )
