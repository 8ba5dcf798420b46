import uuid

from django.conf import settings
from django.db import models


class Participant(models.Model):
    """A person in the program, as a bundle of identifiers that never change; what we know of them are facts.

    `id` is internal to the vault. `uuid` stands in web addresses. `participant_id` (P + 9 digits) and `biobank_id`
    (A + 9 digits) are random, never derived from one another, and stand in no URL, log or file name.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant_id = models.CharField(max_length=12, unique=True)
    biobank_id = models.CharField(max_length=12, unique=True)
    external_id = models.CharField(max_length=80, null=True, unique=True)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="participant"
    )
    origin = models.CharField(max_length=20)  # portal | import | simulation
    is_test = models.BooleanField(default=False)  # made-up people of the staff: in no count and no release
    registered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["registered_at"])]

    def __str__(self) -> str:
        return f"participant {self.uuid}"
