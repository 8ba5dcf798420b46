import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("support", "0001_initial"), ("support", "0002_queues_by_state")]

    initial = True

    dependencies = [
        ("people", "0001_squashed_0009_device_crosswalk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HelpRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("channel", models.CharField(max_length=10)),
                ("topic", models.CharField(max_length=20)),
                ("text", models.TextField()),
                ("language", models.CharField(max_length=2)),
                ("site", models.CharField(blank=True, max_length=60)),
                ("contact_name", models.CharField(blank=True, max_length=400)),
                ("contact", models.CharField(blank=True, max_length=254)),
                ("call_back", models.BooleanField(default=False)),
                ("call_back_when", models.CharField(blank=True, max_length=120)),
                ("state", models.CharField(db_index=True, default="open", max_length=10)),
                ("version", models.IntegerField(default=1)),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "assigned_to",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="help_requests",
                        to="people.participant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "made_at"], name="support_hel_state_414700_idx"),
                    models.Index(fields=["site", "state", "made_at"], name="support_hel_site_02b1e5_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HelpNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", models.TextField()),
                ("internal", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="support.helprequest"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Incentive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("site", models.CharField(max_length=60)),
                ("incentive_type", models.CharField(max_length=30)),
                ("giftcard_type", models.CharField(blank=True, max_length=60)),
                ("amount_cents", models.IntegerField(default=0)),
                ("occurrence", models.CharField(blank=True, max_length=60)),
                ("date_given", models.DateField()),
                ("recipient", models.CharField(default="participant", max_length=20)),
                ("appreciation_item_type", models.CharField(blank=True, max_length=60)),
                ("appreciation_item_count", models.IntegerField(default=0)),
                ("declined", models.BooleanField(default=False)),
                ("cancelled", models.BooleanField(default=False)),
                ("notes", models.CharField(blank=True, max_length=300)),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="incentives", to="people.participant"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="support.incentive",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["site", "date_given"], name="support_inc_site_6717e0_idx")],
            },
        ),
        migrations.CreateModel(
            name="OfflineEntry",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("site", models.CharField(max_length=60)),
                ("noted_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("document_sha256", models.CharField(max_length=64)),
                ("outcome", models.CharField(max_length=20)),
                ("why", models.CharField(blank=True, max_length=120)),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
