import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("consent", "0001_initial"), ("consent", "0002_joining"), ("consent", "0003_names_of_any_length")]

    initial = True

    dependencies = [
        ("people", "0001_squashed_0009_device_crosswalk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ceremony",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                (
                    "answer",
                    models.CharField(choices=[("requested", "requested"), ("declined", "declined")], max_length=10),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ceremonies", to="people.participant"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.ceremony",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ConsentAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("module", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=20)),
                ("content_sha256", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=2)),
                (
                    "answer",
                    models.CharField(
                        choices=[("yes", "yes"), ("no", "no"), ("not_sure", "not sure"), ("later", "later")],
                        max_length=10,
                    ),
                ),
                ("form", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("method", models.CharField(db_default="self", default="self", max_length=10)),
                ("scopes", models.CharField(max_length=300)),
                ("signed_name", models.CharField(blank=True, max_length=401)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consent_answers",
                        to="people.participant",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.consentanswer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["participant", "module", "-event_time"], name="consent_con_partici_e1825f_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("state", models.CharField(db_index=True, default="waiting", max_length=10)),
                ("path", models.CharField(blank=True, max_length=200)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size", models.IntegerField(default=0)),
                ("attempts", models.IntegerField(default=0)),
                ("rendered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="document", to="consent.consentanswer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Deactivation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deactivations",
                        to="people.participant",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.deactivation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeceaseReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("status", models.CharField(db_index=True, default="PENDING", max_length=10)),
                ("notification", models.CharField(max_length=20)),
                ("notification_other", models.CharField(blank=True, max_length=200)),
                ("date_of_death", models.DateField(blank=True, null=True)),
                ("cause_of_death", models.CharField(blank=True, max_length=200)),
                ("reporter_name", models.CharField(blank=True, max_length=400)),
                ("reporter_relationship", models.CharField(blank=True, max_length=60)),
                ("reporter_email", models.CharField(blank=True, max_length=254)),
                ("reporter_phone", models.CharField(blank=True, max_length=30)),
                ("reported_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("denial_reason", models.CharField(blank=True, max_length=30)),
                ("denial_other", models.CharField(blank=True, max_length=200)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decease_reports",
                        to="people.participant",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "DENIED"), _negated=True),
                        fields=("participant",),
                        name="one_active_decease_report",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Decease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deceases", to="people.participant"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.decease",
                    ),
                ),
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fact", to="consent.deceasereport"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PaperConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("module", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=20)),
                ("form", models.CharField(blank=True, max_length=40)),
                ("language", models.CharField(max_length=2)),
                ("answer", models.CharField(max_length=10)),
                ("authored_on", models.DateField()),
                ("signed_on", models.DateField(blank=True, null=True)),
                ("printed_name", models.CharField(blank=True, max_length=400)),
                ("signature_text", models.CharField(blank=True, max_length=200)),
                ("signature_is_image", models.BooleanField(default=False)),
                ("check_mark", models.BooleanField(blank=True, null=True)),
                ("initials", models.CharField(blank=True, max_length=10)),
                ("guardian_name", models.CharField(blank=True, max_length=400)),
                ("guardian_relationship", models.CharField(blank=True, max_length=60)),
                ("file_path", models.CharField(blank=True, max_length=200)),
                ("file_sha256", models.CharField(blank=True, max_length=64)),
                ("file_size", models.IntegerField(default=0)),
                ("uploaded_at", models.DateTimeField()),
                ("status", models.CharField(db_index=True, default="NEEDS_CORRECTING", max_length=20)),
                ("problems", models.JSONField(default=list)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("synced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "fact",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper",
                        to="consent.consentanswer",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_consents",
                        to="people.participant",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReconsentCampaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("module", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=20)),
                ("why", models.JSONField(default=dict)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("module", "version"),
                        name="a_campaign_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Understanding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("module", models.CharField(max_length=40)),
                ("content_sha256", models.CharField(max_length=64)),
                ("question", models.CharField(max_length=40)),
                ("chosen", models.CharField(max_length=10)),
                ("correct", models.BooleanField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="understandings",
                        to="people.participant",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.understanding",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("kind", models.CharField(db_default="no_use", default="no_use", max_length=10)),
                ("reason", models.CharField(default="self", max_length=40)),
                ("justification", models.TextField(blank=True, db_default="", default="")),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawals", to="people.participant"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.withdrawal",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="signature",
                        serialize=False,
                        to="consent.consentanswer",
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("typed_name", models.CharField(blank=True, max_length=401)),
                ("drawing", models.TextField(blank=True)),
                ("initials", models.CharField(blank=True, max_length=10)),
                ("guardian_name", models.CharField(blank=True, max_length=400)),
                ("guardian_relationship", models.CharField(blank=True, max_length=60)),
                ("witness_name", models.CharField(blank=True, max_length=400)),
                ("witness_signature", models.TextField(blank=True)),
                ("signed_at", models.DateTimeField()),
                (
                    "assisted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
