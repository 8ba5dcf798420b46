"""The form of a plan: written into the page, or as a file; all that is wrong with it is told at once, by line."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.errors import BadInput
from commonweal.vault.planning import asking
from commonweal.vault.planning.answering import Inputs

LARGEST = 200_000  # bytes
MOST_OPTIONS = 100  # of a plan that a page waits for
_CODE = {"rows": 24, "spellcheck": "false", "autocomplete": "off", "autocapitalize": "none", "lang": "en"}


class PlanForm(forms.Form):
    """`inputs` after it is valid: the question, with all that is known today."""

    text = forms.CharField(
        label=_("The plan, in TOML"), required=False, strip=False, widget=forms.Textarea(attrs=_CODE)
    )
    file = forms.FileField(
        label=_("Or a plan file"),
        help_text=_("TOML, or JSON with the same keys, up to 200 kB. It takes the place of what is written above."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".toml,.json"}),
    )
    inputs: Inputs | None = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            field, name, data = self._given()
            self._read(field, name, data)
        return given

    def _given(self) -> tuple[str, str, bytes]:
        """Which field speaks, the name that problems are told under, and what was written."""
        file = self.cleaned_data.get("file")
        if file is None:
            return "text", "plan.toml", self.cleaned_data["text"].encode()
        name = "plan.json" if file.name.lower().endswith(".json") else "plan.toml"
        return "file", name, file.read(LARGEST + 1)

    def _read(self, field: str, name: str, data: bytes) -> None:
        if len(data) > LARGEST:
            return self.add_error(field, gettext("This is longer than 200 kB. Use the command for it (see below)."))
        if not data.strip():
            return self.add_error(field, gettext("There is nothing in it. Start from the example."))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            try:
                self.inputs = asking.read(path)
            except BadInput as error:
                return self.add_error(field, str(error).splitlines())
        if len(self.inputs.case.options) > MOST_OPTIONS:
            words = gettext(
                "These are %(count)s options; a page waits for %(most)s at most. Use the command for them (see below)."
            )
            self.add_error(field, words % {"count": len(self.inputs.case.options), "most": MOST_OPTIONS})
