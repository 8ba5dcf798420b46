"""The worker's part for the store: appended files are compacted, and what a killed run left is given up."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from commonweal.vault.wearables import uploads
from commonweal.vault.wearables.compacting import FEW, compact
from commonweal.vault.wearables.models import Submission

LOST_AFTER = timedelta(days=1)  # no delivery takes so long


def tick() -> int:
    """Compact the tables that have more than a few appended files; answers how many files were taken up."""
    give_up()
    return compact(settings.COMMONWEAL_HOME, least=FEW)


def give_up() -> int:
    """Deliveries that never ended count as refused, so that their files are swept; uploads are tried once more."""
    lost = Submission.objects.filter(state=Submission.RECEIVED, received_time__lt=timezone.now() - LOST_AFTER)
    for number in lost.filter(source=uploads.SOURCE).values_list("pk", flat=True):
        uploads.take_waiting(number)
    ended = {"state": Submission.REFUSED, "reason": "interrupted", "finished_time": timezone.now()}
    return lost.update(**ended)
