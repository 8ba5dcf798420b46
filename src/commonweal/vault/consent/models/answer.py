from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class ConsentAnswer(Fact):
    """What a participant answered to one consent module, in the exact version and language that was shown.

    `event_time` is the moment of the answer. `scopes` are those that the module's version decides, space separated and
    sorted, copied here so that a later protocol cannot change what was agreed. `expires_at`: from then on a yes no longer holds.
    """

    YES, NO, NOT_SURE, LATER = "yes", "no", "not_sure", "later"
    SELF, ASSISTED, PAPER = "self", "assisted", "paper"
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="consent_answers")
    module = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    content_sha256 = models.CharField(max_length=64)  # of the text shown, in that language
    language = models.CharField(max_length=2)
    answer = models.CharField(
        max_length=10, choices=[(YES, "yes"), (NO, "no"), (NOT_SURE, "not sure"), (LATER, "later")]
    )
    form = models.CharField(
        max_length=40, blank=True, default="", db_default=""
    )  # the version's form, where it has several
    method = models.CharField(max_length=10, default=SELF, db_default=SELF)
    scopes = models.CharField(max_length=300)
    signed_name = models.CharField(max_length=401, blank=True)  # two names of 200 and a space
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["participant", "module", "-event_time"])]
