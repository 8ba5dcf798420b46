import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from commonweal.vault.people.models.participant import Participant


class AccountLink(models.Model):
    """An account that may act for a participant, between two moments: a helper, or a guardian who also signs.

    `code_digest`: SHA-256 of the one-time code by which the account links itself; empty once it has.
    """

    HELPER, GUARDIAN = "helper", "guardian"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="helpers")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="helps"
    )
    kind = models.CharField(max_length=10, choices=[(HELPER, HELPER), (GUARDIAN, GUARDIAN)])
    relationship = models.CharField(max_length=60, blank=True)
    code_digest = models.CharField(max_length=64, blank=True, db_index=True)
    code_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    @property
    def helped_name(self) -> str:
        """The given name of the person who is helped, as the helper reads it."""
        latest = self.participant.profiles.order_by("-authored_time", "-id").first()
        return latest.given_name if latest else _("somebody without a name yet")
