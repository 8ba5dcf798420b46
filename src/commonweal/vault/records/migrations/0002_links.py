import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0009_device_crosswalk"),
        ("records", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NearMiss",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("site", models.CharField(max_length=60)),
                ("patient", models.CharField(max_length=64)),
                ("levels", models.JSONField()),
                ("weight", models.FloatField()),
                ("sealed", models.BinaryField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("found_at", models.DateTimeField()),
                ("forget_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.participant"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "found_at"], name="records_nea_state_8eca00_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("site", "patient", "participant"),
                        name="a_near_miss_waits_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("site", models.CharField(max_length=60)),
                ("patient", models.CharField(max_length=64)),
                ("same", models.BooleanField()),
                ("reason", models.CharField(max_length=20)),
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
                        related_name="record_links",
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
                        to="records.recordlink",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["site", "patient"], name="links_of_a_patient")],
            },
        ),
    ]
