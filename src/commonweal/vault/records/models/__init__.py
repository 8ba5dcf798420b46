from django.db import models

from commonweal.vault.records.models.clinics import ClinicConnection, ClinicFetch, ClinicPage, ClinicSharingCheck
from commonweal.vault.records.models.matching import NearMiss, RecordLink
from commonweal.vault.records.models.quality import QualityReport

__all__ = [
    "ClinicConnection",
    "ClinicFetch",
    "ClinicPage",
    "ClinicSharingCheck",
    "NearMiss",
    "QualityReport",
    "RecordLink",
    "Submission",
]


class Submission(models.Model):
    """One file of health records from a site, named by its number only (a file name may hold a person's name).

    State goes received -> done, or received -> refused; or received -> partial, where some people matched nobody or do
    not share their records yet: the same file may then be given again later. Its rows are in the vault's store;
    `counts` has accepted, unchanged, rejected, unmatched, kept_out, unauthorised (resources).
    """

    site = models.CharField(max_length=60, db_index=True)
    format = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    received_time = models.DateTimeField()
    finished_time = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default="received")
    reason = models.CharField(max_length=200, blank=True)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "sha256"], condition=models.Q(state="done"), name="a_file_is_taken_once"
            )
        ]
