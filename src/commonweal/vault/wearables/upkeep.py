"""The worker's part for the store: appended files are compacted, and what a killed run left is given up."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from commonweal.vault.wearables import uploads
from commonweal.vault.wearables.compacting import FEW, compact
from commonweal.vault.wearables.models import Submission

LOST_AFTER = timedelta(days=1)  # no delivery takes so long
AGAIN = "again"  # an upload that is tried for the second and last time


log = logging.getLogger(__name__)


def tick() -> int:
    """Compact the tables that have more than a few appended files; answers how many files were taken up."""
    give_up()
    uploads.sweep(timezone.now() - LOST_AFTER)
    return compact(settings.COMMONWEAL_HOME, least=FEW, often=False)


def give_up() -> int:
    """Deliveries that never ended count as refused, so that their files are swept; uploads are tried once more."""
    lost = Submission.objects.filter(state=Submission.RECEIVED, received_time__lt=timezone.now() - LOST_AFTER)
    for record in lost.filter(source=uploads.SOURCE, reason=""):
        _once_more(record)
    for record in lost.filter(source=uploads.SOURCE):
        uploads.forget(record)
    ended = {"state": Submission.REFUSED, "reason": "interrupted", "finished_time": timezone.now()}
    return lost.update(**ended)


def _once_more(record: Submission) -> None:
    """The mark is set before: an archive over which the worker itself falls is not tried for ever."""
    Submission.objects.filter(pk=record.pk).update(reason=AGAIN)
    try:
        uploads.take_waiting(record.pk)
    except Exception as error:  # its words may hold what is in the archive
        log.error("an upload could not be taken in: %s", type(error).__name__)
