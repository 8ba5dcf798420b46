"""The signed consent as an archival PDF in the vault's store: made once, kept with its digest, given out only if it is whole."""

import hashlib
import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from commonweal import audit, files
from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.consent import pdf
from commonweal.vault.consent.contents import contents_of
from commonweal.vault.consent.models import ConsentDocument

log = logging.getLogger(__name__)

ATTEMPTS = 5


def render(document_id: int) -> ConsentDocument | None:
    """Make a document that is not ready. None where there is no such one; where making it fails, its state says so.

    The same answer gives the same bytes, so that two workers at once, or a crash between file and database, do no harm.
    """
    document = ConsentDocument.objects.select_related("answer").filter(pk=document_id).first()
    if document is None or document.state == ConsentDocument.READY:
        return document
    try:
        made = _made(document)
    except Exception as error:  # one that cannot be made holds up nobody; the words of an error may quote the person
        if not isinstance(error, BadInput | Refused):
            log.error("consent document %s was not made: %s", document.uuid, type(error).__name__)
        _failed(document)
    else:
        _keep(document, made)
    document.refresh_from_db()
    return document


def render_waiting(limit: int = 50) -> int:
    """Make the documents that are waiting or failed before, a few at a time; answers how many are ready now."""
    open_ones = ConsentDocument.objects.exclude(state=ConsentDocument.READY).filter(attempts__lt=ATTEMPTS)
    found = [render(pk) for pk in open_ones.order_by("attempts", "id").values_list("pk", flat=True)[:limit]]
    return sum(one is not None and one.state == ConsentDocument.READY for one in found)


def content(document: ConsentDocument) -> bytes:
    """The PDF, made at once where that has not been done yet, and checked against its digest.

    Raises Refused where it cannot be made, or where what lies in the store is not what was made. A file that is lost is made
    anew, and given only if it is the same to the byte.
    """
    ready = document if document.state == ConsentDocument.READY else render(document.pk)
    if ready is None or ready.state != ConsentDocument.READY:
        raise Refused("consent document: it could not be made; the answer itself is safe")
    path = _store() / ready.path
    found = path.read_bytes() if path.is_file() else _restored(ready, path)
    if hashlib.sha256(found).hexdigest() != ready.sha256:
        audit.record("consent.document_broken", actor="portal", document=str(ready.uuid))
        raise Refused("consent document: the file in the store is not the one that was made")
    return found


def _made(document: ConsentDocument) -> bytes:
    return pdf.make(contents_of(document.answer, current_protocol(), document.uuid), document.answer.event_time)


def _restored(document: ConsentDocument, path: Path) -> bytes:
    try:
        made = _made(document)
    except BadInput:
        raise Refused("consent document: its file is gone and could not be made anew now") from None
    if hashlib.sha256(made).hexdigest() == document.sha256:
        files.save(path, made, files.PRIVATE)
    return made


def _keep(document: ConsentDocument, made: bytes) -> None:
    name = f"consents/{document.uuid.hex[:2]}/{document.uuid}.pdf"
    with transaction.atomic():
        open_one = ConsentDocument.objects.filter(pk=document.pk).exclude(state=ConsentDocument.READY)
        kept = {"path": name, "sha256": hashlib.sha256(made).hexdigest(), "size": len(made)}
        won = open_one.update(
            state=ConsentDocument.READY, rendered_at=timezone.now(), attempts=document.attempts + 1, **kept
        )
        if won:
            files.save(_store() / name, made, files.PRIVATE)


def _failed(document: ConsentDocument) -> None:
    open_one = ConsentDocument.objects.filter(pk=document.pk).exclude(state=ConsentDocument.READY)
    open_one.update(state=ConsentDocument.FAILED, attempts=document.attempts + 1)


def _store() -> Path:
    return Path(settings.COMMONWEAL_HOME.vault_store)
