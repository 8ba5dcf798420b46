from django.conf import settings
from django.db import models
from django.utils import timezone


class StaffRole(models.Model):
    """A role that a portal account holds: at a site, an organisation or an awardee, or for the whole program.

    `scope` is the id of the organisation (org_manager), awardee (awardee_manager) or community partner (partner); site
    staff name their `site`;
    operators, stewards and auditors have neither. A role that has ended stays, so that it can be told who had it when.
    """

    SITE_STAFF, ORG_MANAGER, AWARDEE_MANAGER = "site_staff", "org_manager", "awardee_manager"
    OPERATOR, STEWARD, AUDITOR, PARTNER = "operator", "steward", "auditor", "partner"
    ROLES = (SITE_STAFF, ORG_MANAGER, AWARDEE_MANAGER, OPERATOR, STEWARD, AUDITOR, PARTNER)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=20, choices=[(role, role) for role in ROLES])
    site = models.CharField(max_length=60, blank=True)
    scope = models.CharField(max_length=60, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role", "site", "scope"],
                condition=models.Q(ended_at__isnull=True),
                name="a_role_once",
            )
        ]


class ReleaseRequest(models.Model):
    """A steward asks the bridge for something; the bridge answers here. This table is the bridge's queue.

    State goes asked -> working -> done | failed. `action`: build | check | publish | retract. `stages`: what the bridge has
    been at since `started_at`, in order: {what, tier, since, until (ISO 8601), share (0 to 1, or null), words}.
    """

    action = models.CharField(max_length=10)
    release = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict)  # build: cutoff, tiers, engine; check, retract: why
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, default="asked", db_index=True)
    step = models.CharField(max_length=80, blank=True)
    progress = models.FloatField(default=0)  # 0 to 1
    heartbeat = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)  # when the bridge took it up, the last time
    finished_at = models.DateTimeField(null=True)
    stages = models.JSONField(default=list)
    answer = models.JSONField(default=dict)  # checks, figures, or why it failed; never a person


class ReleaseRisk(models.Model):
    """How likely it is that somebody is found in a built release: the figures of its manifest, for the privacy board.

    The bridge writes it whenever it checks a release; the portal reads no release. Figures about many people, never of one.
    """

    release = models.CharField(max_length=20)
    tier = models.CharField(max_length=20)
    data_cutoff = models.DateField()
    measured = models.JSONField()  # `risk` of the manifest
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "tier"], name="one_risk_of_a_tier")]


class ReleaseTier(models.Model):
    """A tier that the bridge has built and checked, as its manifest tells it: the portal reads no release.

    `told`: participants, tables with their rows, rules with their counters, checks, difference to the release before.
    Figures about many people, never of one.
    """

    release = models.CharField(max_length=20)
    tier = models.CharField(max_length=20)
    data_cutoff = models.DateField()
    told = models.JSONField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "tier"], name="one_telling_of_a_tier")]


class Bridge(models.Model):
    """The bridge as the portal knows it, one row: when it was last seen, and the engines that can run there."""

    seen_at = models.DateTimeField()
    engines = models.JSONField(default=list)
