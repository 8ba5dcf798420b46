"""Forms of the leaving pages: a tick, so that nobody leaves by a slip of the finger, and the question about samples."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.vault.consent.models import Ceremony

_ANSWERS = [
    (Ceremony.REQUESTED, _("Yes, with a ceremony")),
    (Ceremony.DECLINED, _("No, without a ceremony")),
]


def _ceremony(**more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Should your samples be disposed of with a ceremony?"),
        help_text=_(
            "We ask because you told us that you are American Indian or Alaska Native. People of your communities hold it."
        ),
        choices=_ANSWERS,
        widget=forms.RadioSelect,
        **more,
    )


class LeaveForm(forms.Form):
    """The tick; and for who is asked, the ceremony, which may wait."""

    sure = forms.BooleanField(
        label=_("I understand that this cannot be undone, and I want to leave the program."),
        error_messages={"required": _("Tick the box if you want to leave. If you do not, go back home.")},
    )

    def __init__(self, *args: Any, ask_ceremony: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if ask_ceremony:
            self.fields["ceremony"] = _ceremony(required=False)


class QuietForm(forms.Form):
    sure = forms.BooleanField(
        label=_("I want the program to stop contacting me and to take in nothing new."),
        error_messages={"required": _("Tick the box if you want this. If you do not, go back home.")},
    )


class CeremonyForm(forms.Form):
    ceremony = _ceremony(error_messages={"required": _("Choose one of the two.")})
