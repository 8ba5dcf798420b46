"""The forms that people were ever asked: every version of every questionnaire, kept under its code and version.

The protocol's folder alone says which surveys are open to participants. What is registered here makes it possible to
take, check and show answers to older and to imported versions too.
"""

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.r4 import questionnaire as r4
from commonweal.ui.context import current_protocol
from commonweal.vault.surveys.models import Form

if TYPE_CHECKING:
    from commonweal.protocol import Protocol, Survey

FROM_PROTOCOL, FROM_IMPORT = "protocol", "import"
LONGEST_CODE, LONGEST_VERSION, LONGEST_URL = 60, 60, 500
UNUSABLE = frozenset({"no-items", "missing-link-id", "duplicate-link-id", "unknown-type", "too-deep"})


class OtherWords(BadInput):
    """Another document has this code and version already."""


def find(code: str, version: str | None = None) -> "Survey | None":
    """The survey of a code: the program's current one, or that of a version, the program's own or a registered one."""
    current = current_protocol().surveys.get(code)
    if current is not None and version in (None, current.version):
        return current
    kept = Form.objects.filter(code=code).only("sha256")
    if version is not None:
        return _survey_of(kept.filter(version=version).first())
    return _survey_of(kept.order_by("-received_time", "-id").first())


def of_canonical(canonical: str) -> "Survey | None":
    """The survey that a canonical address names, `url` or `url|version`; without a version the current one."""
    url, _, version = canonical.partition("|")
    if not url:
        return None
    for survey in current_protocol().surveys.values():
        if survey.questionnaire.url == url and version in ("", survey.version):
            return survey
    kept = Form.objects.filter(url=url, **({"version": version} if version else {})).only("sha256")
    return _survey_of(kept.order_by("-received_time", "-id").first())


def register(document_text: str, *, source: str, original: str = "") -> tuple[Form, bool]:
    """Keep a form; (it, whether it is new). The same document again, however it is spaced, changes nothing.

    Raises BadInput for what is no FHIR R4 Questionnaire or could not be answered, OtherWords where another document
    has its code and version.
    """
    document = _document(document_text)
    code, version = code_of(document), str(document.get("version") or "1")
    _check_usable(document, code, version)
    with transaction.atomic():
        form, added = Form.objects.get_or_create(
            code=code,
            version=version,
            defaults={
                "url": str(document.get("url") or ""),
                "document": document_text,
                "original": original,
                "sha256": hashlib.sha256(document_text.encode()).hexdigest(),
                "received_time": timezone.now(),
                "source": source,
            },
        )
        if added:
            audit.record("survey.form", actor=audit.SYSTEM, survey=code, version=version, source=source)
    if not added and form.document != document_text and orjson.loads(form.document) != document:
        raise OtherWords(
            f"questionnaire {code}: version {version} is kept with another content; give the changed one a new version"
        )
    return form, added


def register_protocol(protocol: "Protocol") -> list[str]:
    """Keep all surveys of the program; what is wrong, in words: surveys that changed under a version that is kept."""
    problems = []
    for survey in protocol.surveys.values():
        try:
            register(_text_of(survey, protocol), source=FROM_PROTOCOL)
        except BadInput as error:
            problems.append(f"surveys/{survey.code}.json: {error}")
    return problems


def changed(protocol: "Protocol") -> list[str]:
    """Surveys of the program that are kept with another content under their version, in words; keeps nothing."""
    found = []
    for survey in protocol.surveys.values():
        known = Form.objects.filter(code=survey.code, version=survey.version).first()
        if known and _parsed(known.pk, known.sha256) != survey.document:
            found.append(
                f"surveys/{survey.code}.json has changed under version {survey.version}; give it a new version"
            )
    return found


def keep(survey: "Survey") -> None:
    """Keep one survey of the program, in the words of its file, where its version is not kept yet."""
    if not Form.objects.filter(code=survey.code, version=survey.version).exists():
        register(_text_of(survey, current_protocol()), source=FROM_PROTOCOL)


def why_unknown(canonical: str) -> str:
    """What to tell somebody whose response names a questionnaire that there is not."""
    url, _, version = canonical.partition("|")
    kept = set(Form.objects.filter(url=url).values_list("version", flat=True)) if url else set()
    kept |= {one.version for one in current_protocol().surveys.values() if url and one.questionnaire.url == url}
    if not kept:
        return "no such questionnaire is kept; register it first, or name it as `url|version`"
    return f"version {version} of it is not kept; there are {', '.join(sorted(kept))}"


def code_of(document: dict[str, Any]) -> str:
    """The module's code: the Questionnaire's name, else its id, else the end of its canonical address."""
    end = str(document.get("url") or "").rstrip("/").rpartition("/")[2]
    return str(document.get("name") or document.get("id") or end)


def _text_of(survey: "Survey", protocol: "Protocol") -> str:
    """The survey's file as it stands, where it still holds what this process has read."""
    try:
        text = (protocol.folder / "surveys" / f"{survey.code}.json").read_text(encoding="utf-8-sig")
        if orjson.loads(text) == survey.document:
            return text
    except (OSError, ValueError):
        pass
    return orjson.dumps(survey.document).decode()


def _document(text: str) -> dict[str, Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"questionnaire: no JSON: {error.msg} on line {error.lineno}") from None
    if not isinstance(document, dict) or document.get("resourceType") != "Questionnaire":
        raise BadInput("questionnaire: no FHIR R4 Questionnaire: its resourceType is not 'Questionnaire'")
    return document


def _check_usable(document: dict[str, Any], code: str, version: str) -> None:
    if not code:
        raise BadInput("questionnaire: it has neither name nor url, so answers to it could not name it")
    if len(code) > LONGEST_CODE or len(version) > LONGEST_VERSION or len(str(document.get("url") or "")) > LONGEST_URL:
        raise BadInput(
            f"questionnaire: its name and version may have {LONGEST_CODE} characters, and its url {LONGEST_URL}"
        )
    try:
        orjson.dumps(document)  # what is nested too deep to be written could not be given out again
        faults = r4.faults(r4.Questionnaire(document))
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise BadInput(f"questionnaire {code}: no FHIR R4 Questionnaire: {error}") from None
    wrong = [fault for fault in faults if fault.code in UNUSABLE]
    if wrong:
        place = f"item '{wrong[0].linkId}': " if wrong[0].linkId else ""
        raise BadInput(f"questionnaire {code}: {place}{wrong[0].message}; nobody could answer it")


def _survey_of(form: Form | None) -> "Survey | None":
    return _read(form.pk, form.sha256) if form else None


@lru_cache(maxsize=64)
def _read(pk: int, sha256: str) -> "Survey":
    """A registered form as a survey; it never changes, so it is read once in a process."""
    from commonweal.protocol import Survey

    return Survey(Form.objects.values_list("code", flat=True).get(pk=pk), _parsed(pk, sha256))


@lru_cache(maxsize=64)
def _parsed(pk: int, sha256: str) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(Form.objects.values_list("document", flat=True).get(pk=pk))
    return document
