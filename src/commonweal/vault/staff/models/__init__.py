from django.conf import settings
from django.db import models


class StaffRole(models.Model):
    """A role that a portal account holds, at one site or (site empty) for the whole program."""

    SITE_STAFF, STEWARD = "site_staff", "steward"
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=20, choices=[(SITE_STAFF, "site staff"), (STEWARD, "data steward")])
    site = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "role", "site"], name="a_role_once")]


class ReleaseRequest(models.Model):
    """A steward asks the bridge for something; the bridge answers here. This table is the bridge's queue.

    State goes asked -> working -> done | failed. `action`: build | publish | retract.
    """

    action = models.CharField(max_length=10)
    release = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict)  # build: cutoff, tiers; retract: why
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, default="asked", db_index=True)
    step = models.CharField(max_length=80, blank=True)
    progress = models.FloatField(default=0)  # 0 to 1
    heartbeat = models.DateTimeField(null=True)
    answer = models.JSONField(default=dict)  # checks, figures, or why it failed; never a person
