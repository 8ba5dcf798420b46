import uuid
from typing import Any

from django.db import models


class Form(models.Model):
    """One version of a questionnaire, kept as it was given, so that answers to it can be checked and shown for ever.

    `code` is Questionnaire.name, the module's code; `document` the text of the FHIR R4 Questionnaire and `sha256` that
    of its bytes; `original` what it was converted from, where that was no R4. `source`: protocol, import.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    url = models.CharField(max_length=500, blank=True, db_index=True)  # canonical, without the version
    document = models.TextField()
    original = models.TextField(blank=True, default="", db_default="")
    sha256 = models.CharField(max_length=64)
    received_time = models.DateTimeField()
    source = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="a_version_once")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Form holds what people were asked: it is never changed; a new wording is a new version")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("Form holds what people were asked: it is never deleted")
