"""Forms of community advice, and its states in words."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.vault.partners import advising, partners, rules
from commonweal.vault.partners.models import CommunityPartner
from commonweal.vault.staff.outreach import fields
from commonweal.vault.staff.outreach.fields import PLAIN, Keyed


class AdviceForm(Keyed):
    """What was said. Somebody of a partner speaks for that partner; the program's staff write down who said it."""

    partner = forms.ChoiceField(label=_("Which partner said it?"), required=False)
    board = forms.CharField(
        label=_("Or which board?"),
        help_text=_("For example: Community advisory board, Chicago. No names of people."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs=PLAIN),
    )
    topic = forms.CharField(label=_("On what?"), max_length=120, widget=forms.TextInput(attrs=PLAIN))
    said = forms.CharField(label=_("What was said?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    said_on = fields.day(_("On which day?"))

    def __init__(self, *args: Any, own: frozenset[str] | None = None, **kwargs: Any) -> None:
        """`own`: the partners that the account speaks for; None for who may write down what anybody said."""
        super().__init__(*args, **kwargs)
        names = partners.names()
        listed = [(slug, name) for slug, name in names.items() if own is None or slug in own]
        self.fields["partner"].choices = [*([("", "—")] if own is None else []), *listed]  # type: ignore[attr-defined]
        if own is not None:
            del self.fields["board"]
            self.fields["partner"].required = True

    def clean_said(self) -> str:
        self.tell("said", rules.check_names_nobody, self.cleaned_data["said"])
        return str(self.cleaned_data["said"])

    def clean_said_on(self) -> Any:
        if self.cleaned_data["said_on"] > timezone.localdate():
            raise forms.ValidationError(gettext("This day is still to come."))
        return self.cleaned_data["said_on"]

    def given(self) -> dict[str, Any]:
        found = super().given()
        slug = found.get("partner")
        partner = CommunityPartner.objects.get(slug=slug) if slug else None
        return {"board": "", **found, "partner": partner}


class MoveForm(forms.Form):
    """What the program did about advice."""

    state = forms.ChoiceField(label=_("What now?"))
    words = forms.CharField(
        label=_("What the program did about it, or thinks of it"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    day = fields.day(_("On which day?"))

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [(move, MOVES[move]) for move in advising.moves_from(state)]  # type: ignore[attr-defined]


STATES = {advising.SAID: _("said"), advising.CONSIDERED: _("considered"), advising.ANSWERED: _("answered")}
MOVES = {advising.CONSIDERED: _("It was considered"), advising.ANSWERED: _("It is answered")}
