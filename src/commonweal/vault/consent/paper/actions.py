"""Paper consents: a scan comes in, somebody writes down what stands on it, the checks decide, a right one becomes an answer.

What is corrected is corrected on the paper's own record; the audit says when, by whom, and which fields. An answer, once
taken, is a fact like any other and stays.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent.answering import give
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.consent.models import ConsentAnswer, PaperConsent
from commonweal.vault.consent.paper import checks, files, states
from commonweal.vault.consent.paper.checks import NOT_READ, Written
from commonweal.vault.consent.paper.expected import expected_of
from commonweal.vault.consent.paper.files import Scan
from commonweal.vault.consent.paper.words import NOT_TAKEN
from commonweal.vault.consent.places import places_of, required_of
from commonweal.vault.consent.rules import NO, NOT_SURE, YES
from commonweal.vault.consent.signing import PAPER, SignatureGiven
from commonweal.vault.people.current import current_site
from commonweal.vault.people.models import Account, Participant

if TYPE_CHECKING:
    from commonweal.protocol import ConsentForm, ConsentVersion, Protocol


@dataclass(frozen=True)
class Transcript:
    """What somebody read off the paper: which words were printed on it, the answer and its day, and who signed how."""

    version: str
    language: str
    authored_on: date
    written: Written = field(default_factory=Written)
    guardian_relationship: str = ""


@transaction.atomic
def receive(person: Participant, module: str, data: bytes | None, protocol: "Protocol", *, by: Account) -> PaperConsent:
    """Keep a scan (PDF, PNG, JPEG) of a module's paper, to be read; without `data`, note that a paper is still to come.

    Raises BadInput for a file that cannot be kept and an unknown module, Refused for a file that is here already, and after
    a withdrawal.
    """
    known = protocol.consents.get(module)
    if known is None or not known.applies(places_of(person, protocol).home):
        raise BadInput(_("There is no such consent for this person in this program."))
    if withdrawn_at(person):
        raise Refused(_("This person has left the program: no new consent is taken."))
    now = timezone.now()
    paper = PaperConsent(
        participant=person,
        module=module,
        version=known.current.version,
        language="en",
        authored_on=checks.authored_day(now),
        uploaded_at=now,
        uploaded_by=by,
        problems=[NOT_READ] if data is not None else ["file_missing"],
    )
    if data is not None:
        _keep(paper, _new_scan(person, module, data))
    paper.save()
    audit.record("paper.received", actor=by, subject=person, module=module, paper=paper.uuid, file=data is not None)
    return paper


@transaction.atomic
def attach(paper: PaperConsent, data: bytes, *, by: Account) -> PaperConsent:
    """Add the scan to a paper that was waiting for it. What was written down before stays, to be checked again."""
    paper = _locked(paper)
    if paper.status not in states.OPEN or files.is_kept(paper.file_path):
        raise Refused(_("This paper has its scan already. A new scan is a new entry."))
    _keep(paper, _new_scan(paper.participant, paper.module, data))
    paper.problems = [NOT_READ]
    paper.save()
    audit.record("paper.scanned", actor=by, subject=paper.participant, module=paper.module, paper=paper.uuid)
    return paper


def _new_scan(person: Participant, module: str, data: bytes) -> Scan:
    scan = files.read(data)
    Participant.objects.select_for_update().get(pk=person.pk)  # the same file from two tabs: one after the other
    same = PaperConsent.objects.filter(file_sha256=scan.sha256)
    if same.filter(participant=person, module=module).exists():
        raise Refused(_("This very file is here already. Open it in the list below."))
    if same.exclude(participant=person).exists():
        raise Refused(
            _("This very file was put in for somebody else. Look whose paper it is; scan each person's alone.")
        )
    return scan


def _keep(paper: PaperConsent, scan: Scan) -> None:
    paper.file_path, paper.file_sha256, paper.file_size = files.keep(scan, str(paper.uuid)), scan.sha256, len(scan.data)
    for name, value in scan.suggested.items():
        if not getattr(paper, name):  # what somebody read off the paper before goes before what a file says of itself
            setattr(paper, name, value)


@transaction.atomic
def transcribe(paper: PaperConsent, said: Transcript, protocol: "Protocol", *, by: Account) -> PaperConsent:
    """Write down, or correct, what stands on the paper; check it; take the answer where nothing is wrong.

    Raises BadInput for a version, language or answer that this module does not have, Refused where the paper is settled.
    """
    paper = _locked(paper)
    if paper.status not in states.OPEN:
        raise Refused(_("This paper is settled and cannot be changed."))
    _version(paper, said, protocol)
    if said.written.answer not in (YES, NO, NOT_SURE):
        raise BadInput(_("Say what the person answered."))
    told = _fields(said)
    changed = sorted(name for name, value in told.items() if getattr(paper, name) != value)
    for name, value in told.items():
        setattr(paper, name, value)
    details = {"module": paper.module, "paper": paper.uuid, "changed": changed}
    audit.record("paper.read", actor=by, subject=paper.participant, **details)
    return _check(paper, said, protocol, by)


@transaction.atomic
def check_again(paper: PaperConsent, protocol: "Protocol", *, by: Account | str) -> PaperConsent:
    """Check a paper that was read before, as when something else about the person has been put right meanwhile."""
    paper = _locked(paper)
    if paper.status not in states.OPEN or not paper.answer:
        return paper
    return _check(paper, transcript_of(paper), protocol, by)


def check_waiting(protocol: "Protocol") -> int:
    """Try again to take the answers of papers that are right; how many were taken."""
    waiting = PaperConsent.objects.filter(status=states.READY_FOR_SYNC).select_related("participant")
    return sum(check_again(one, protocol, by=audit.SYSTEM).status == states.SYNC_COMPLETE for one in waiting)


def transcript_of(paper: PaperConsent) -> Transcript:
    """What was written down of a paper."""
    names = [name for name in Written.__dataclass_fields__ if name != "file_exists"]
    written = Written(file_exists=files.is_kept(paper.file_path), **{name: getattr(paper, name) for name in names})
    return Transcript(paper.version, paper.language, paper.authored_on, written, paper.guardian_relationship)


def _fields(said: Transcript) -> dict[str, Any]:
    told = {name: value for name, value in asdict(said.written).items() if name != "file_exists"}
    plain = {name: getattr(said, name) for name in ("version", "language", "authored_on", "guardian_relationship")}
    return told | plain


def _locked(paper: PaperConsent) -> PaperConsent:
    return PaperConsent.objects.select_for_update(of=("self",)).select_related("participant").get(pk=paper.pk)


def _version(paper: PaperConsent, said: Transcript, protocol: "Protocol") -> "ConsentVersion":
    module = protocol.consents.get(paper.module)
    version = next((one for one in module.versions if one.version == said.version), None) if module else None
    if version is None or said.language not in version.texts or version.form(said.written.form) is None:
        raise BadInput(_("There is no such version, form or language of this consent."))
    return version


def _check(paper: PaperConsent, said: Transcript, protocol: "Protocol", by: Account | str) -> PaperConsent:
    version, before, known = _version(paper, said, protocol), paper.status, paper.problems
    expected = expected_of(paper.participant, protocol.consents[paper.module], version, said.authored_on, protocol)
    written = replace(said.written, file_exists=files.is_kept(paper.file_path))
    paper.problems = checks.problems(written, expected)
    paper.status = states.checked(paper.problems, _valid_already(paper))
    paper.checked_at = timezone.now()
    if paper.status == states.READY_FOR_SYNC:
        _sync(paper, said, version, protocol, by)
    paper.save()
    details = {"before": before, "after": paper.status, "problems": paper.problems, "paper": paper.uuid}
    if isinstance(by, Account) or (before, known) != (paper.status, paper.problems):  # the worker tries again for ever
        audit.record("paper.checked", actor=by, subject=paper.participant, module=paper.module, **details)
    return paper


def _valid_already(paper: PaperConsent) -> bool:
    """Whether another file of the same answer passed before: one result for each answer is kept."""
    same = PaperConsent.objects.filter(
        participant=paper.participant,
        module=paper.module,
        version=paper.version,
        answer=paper.answer,
        authored_on=paper.authored_on,
        status__in=(states.READY_FOR_SYNC, states.SYNC_COMPLETE),
    )
    return same.exclude(pk=paper.pk).exists()


def _sync(
    paper: PaperConsent, said: Transcript, version: "ConsentVersion", protocol: "Protocol", by: Account | str
) -> None:
    """Take the answer; what was wrong with earlier files of this person and module no longer matters.

    A scan that nobody has read yet is not wrong: it may say something else, so it goes on waiting for its reader.
    """
    form = version.form(paper.form)
    try:
        with transaction.atomic():
            paper.fact = _answer(paper, said, form, protocol, by) if form else None
    except (BadInput, Refused):
        paper.problems = [NOT_TAKEN]
    else:
        paper.status, paper.synced_at = states.SYNC_COMPLETE, timezone.now()
    earlier = PaperConsent.objects.filter(
        participant=paper.participant, module=paper.module, uploaded_at__lte=paper.uploaded_at
    )
    wrong = earlier.filter(status=states.NEEDS_CORRECTING).exclude(answer="", file_path__gt="")
    wrong.exclude(pk=paper.pk).update(status=states.OBSOLETE)


def _answer(
    paper: PaperConsent, said: Transcript, form: "ConsentForm", protocol: "Protocol", by: Account | str
) -> ConsentAnswer:
    written = said.written
    signature = SignatureGiven(
        kind=PAPER,
        typed_name=written.signature_text,
        initials=written.initials,
        assisted_by=by if isinstance(by, Account) else paper.uploaded_by,
        guardian_name=written.guardian_name,
        guardian_relationship=said.guardian_relationship,
    )
    given = give(
        paper.participant,
        paper.module,
        written.answer,
        language=said.language,
        signed_name=written.printed_name if written.answer == YES else "",
        content_sha256=form.texts[said.language].sha256,
        protocol=protocol,
        source="paper",
        authored=moment_of(paper, protocol),
        form=form.id,
        method=ConsentAnswer.PAPER,
        signature=signature if written.answer == YES else None,
        by=signature.assisted_by,
    )
    if PaperConsent.objects.filter(fact=given.fact).exclude(pk=paper.pk).exists():
        raise Refused("paper consent: this answer was taken from another paper")
    return given.fact


def moment_of(paper: PaperConsent, protocol: "Protocol") -> datetime:
    """Noon of the signing day where the person's site is (the day of the answer where no date was written); never to come.

    Later that day where they said yes only then to what this consent stands on: the paper was signed after that.
    """
    site = protocol.sites.get(current_site(paper.participant) or "")
    zone = ZoneInfo(site.timezone) if site else checks.CENTRAL
    day = paper.signed_on or paper.authored_on
    noon = datetime.combine(day, time(12), zone)
    needed = required_of(protocol.consents[paper.module], places_of(paper.participant, protocol), protocol)
    before = paper.participant.consent_answers.filter(module__in=needed, answer=YES, event_time__gt=noon)
    before = before.filter(event_time__lt=datetime.combine(day + timedelta(days=1), time.min, zone))
    return min(max([noon, *before.values_list("event_time", flat=True)]), timezone.now())
