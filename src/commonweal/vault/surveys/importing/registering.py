"""Forms out of files into the registry, and the registry as what a process of its own can judge responses by."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from commonweal import files
from commonweal.errors import BadInput
from commonweal.r4 import dstu2
from commonweal.vault.surveys import forms
from commonweal.vault.surveys.importing.known import Kept, Known
from commonweal.vault.surveys.models import Form

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

_FILE = re.compile(r"[A-Za-z0-9_\-]+")
_SIGN = b'"Questionnaire"'  # what the text of a form holds; what holds it without being one is looked at closely


def is_form(text: bytes) -> bool:
    """Whether the text of a resource is a Questionnaire."""
    if _SIGN not in text:
        return False
    try:
        document = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("resourceType") == "Questionnaire"


def register(text: bytes) -> tuple[Form, bool]:
    """Keep a form; one of the older shape as R4, with what was given beside it. Raises BadInput as `forms.register`."""
    words = text.decode("utf-8")
    document = orjson.loads(text)
    if not dstu2.is_dstu2(document):
        return forms.register(words, source=forms.FROM_IMPORT)
    try:
        converted = dstu2.questionnaire(document)
    except (ValueError, AttributeError, TypeError) as error:
        raise BadInput(f"questionnaire of the older shape (FHIR DSTU2): {error}") from None
    return forms.register(orjson.dumps(converted).decode(), source=forms.FROM_IMPORT, original=words)


def write(form: Form, folder: Path) -> None:
    """The form as a file of the name that a protocol gives it."""
    if not _FILE.fullmatch(form.code):
        raise BadInput("--out: a form's name is none for a file; rename it")
    files.save(folder / f"{form.code}.json", form.document.encode())


def known(protocol: "Protocol", instead: str) -> Known:
    """All that is kept; the program's own surveys last, so that they are the current ones. BadInput where the form
    that is meant is none of them."""
    kept = [_kept(form) for form in Form.objects.order_by("received_time", "id")]
    current = {(survey.code, survey.version) for survey in protocol.surveys.values()}
    kept.sort(key=lambda one: (one.code, one.version) in current)
    found = Known(kept, instead)
    if instead and not found.is_named(instead):
        raise BadInput(
            "--questionnaire: no form of this code is kept; give code or code|version of one, or import it too"
        )
    return found


def _kept(form: Form) -> Kept:
    return Kept(form.code, form.version, form.url, form.document, _old_id(form))


def _old_id(form: Form) -> str:
    if not form.original:
        return ""
    document: dict[str, Any] = orjson.loads(form.original)
    return str(document.get("id") or "")
