"""What a member of the staff notes about a safety case."""

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.vault.surveys.safety_cases import LONGEST, OUTCOMES

WORDS = {
    "safe": _("Spoke with the person; they are safe"),
    "helped": _("Spoke with the person; help is arranged"),
    "emergency": _("Emergency services were called"),
    "declined": _("The person did not want to talk"),
    "not_reached": _("Tried as the plan says, and not reached"),
    "mistaken": _("The answer was a mistake, or a test"),
    "left": _("The person left, or died"),
}
MOVE_WORDS = {
    "take": _("looks after it"),
    "no_answer": _("called, nobody answered"),
    "called": _("spoke with the person"),
    "note": _("note"),
    "close": _("closed"),
    "reopen": _("opened again"),
}


class CaseForm(forms.Form):
    """One move: a short note where there is something to note, and what came of it when it is closed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note for your colleagues"),
        help_text=_("Only what they need to go on. No word of it leaves this page."),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    outcome = forms.ChoiceField(
        label=_("What came of it"),
        choices=[("", _("Choose when you close it")), *((one, WORDS[one]) for one in OUTCOMES)],
        required=False,
    )
