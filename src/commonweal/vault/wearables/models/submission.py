import uuid

from django.db import models

from commonweal.vault.people.models import Participant


class Submission(models.Model):
    """One delivery of wearable data: an exported archive, a day's sync, or a batch. received -> done | refused.

    Its rows are Parquet in the vault's store, named by its number; they count once it is done. `counts` has accepted,
    unchanged, rejected, unmatched (rows); `reason` the code of a refusal. `owner` is a keyed digest of the account that
    an archive says it is from: it tells one person's archives from another's, and nothing else.
    """

    RECEIVED, DONE, REFUSED = "received", "done", "refused"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(max_length=20)  # archive | upload | sync | simulation
    provider = models.CharField(max_length=20, blank=True)
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.PROTECT, related_name="wearable_submissions"
    )  # null: of many people
    sha256 = models.CharField(max_length=64, db_index=True)
    owner = models.CharField(max_length=64, blank=True, db_index=True)
    received_time = models.DateTimeField()
    finished_time = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, default=RECEIVED, db_index=True)
    reason = models.CharField(max_length=60, blank=True)
    counts = models.JSONField(default=dict)
