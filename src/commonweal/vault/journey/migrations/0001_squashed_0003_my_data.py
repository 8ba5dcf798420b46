import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("journey", "0001_initial"), ("journey", "0002_status_runs"), ("journey", "0003_my_data")]

    initial = True

    dependencies = [
        ("people", "0001_squashed_0009_device_crosswalk"),
    ]

    operations = [
        migrations.CreateModel(
            name="EnrolmentStatus",
            fields=[
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="enrolment_status",
                        serialize=False,
                        to="people.participant",
                    ),
                ),
                ("legacy", models.CharField(blank=True, max_length=30)),
                ("legacy_since", models.DateTimeField(null=True)),
                ("v3_0", models.CharField(blank=True, max_length=30)),
                ("v3_0_since", models.DateTimeField(null=True)),
                ("v3_2", models.CharField(db_index=True, max_length=30)),
                ("v3_2_since", models.DateTimeField(null=True)),
                ("core_data_since", models.DateTimeField(null=True)),
                ("computed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="StatusRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField()),
                ("position", models.BigIntegerField()),
                ("everybody", models.BooleanField()),
                ("people", models.IntegerField()),
                ("changed", models.IntegerField()),
                ("seconds", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="AnswerFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("survey", models.CharField(max_length=60)),
                ("question", models.CharField(max_length=120)),
                ("cutoff", models.DateField()),
                ("known_at", models.DateTimeField()),
                ("people", models.IntegerField()),
                ("rounded_to", models.IntegerField()),
                ("several", models.BooleanField(default=False)),
                ("cells", models.JSONField()),
                ("taken_down_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("survey", "question", "cutoff"), name="answers_once_a_month")
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("survey", models.CharField(max_length=60)),
                ("cutoff", models.DateField()),
                ("looked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("survey", "cutoff"), name="a_round_a_month")],
            },
        ),
        migrations.CreateModel(
            name="LeavingReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=15)),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaving_receipts",
                        to="people.participant",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("participant", "kind"), name="a_receipt_once")],
            },
        ),
        migrations.CreateModel(
            name="ReceiptLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("store", models.CharField(max_length=40)),
                ("state", models.CharField(db_index=True, default="pending", max_length=10)),
                ("count", models.IntegerField(null=True)),
                ("detail", models.JSONField(default=dict)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.IntegerField(default=0)),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="journey.leavingreceipt"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("receipt", "store"), name="a_store_once")],
            },
        ),
        migrations.CreateModel(
            name="StatusHistory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=8)),
                ("status", models.CharField(max_length=30)),
                ("since", models.DateTimeField()),
                ("dependencies", models.JSONField(default=list)),
                ("noted_at", models.DateTimeField()),
                (
                    "participant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="status_history",
                        to="people.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("participant", "version", "status"), name="a_level_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TakeAway",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(default="all", max_length=5)),
                ("language", models.CharField(max_length=2)),
                ("session", models.CharField(max_length=64)),
                ("state", models.CharField(db_index=True, default="waiting", max_length=10)),
                ("done", models.IntegerField(default=0)),
                ("steps", models.IntegerField(default=1)),
                ("size", models.BigIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("fetched", models.IntegerField(default=0)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="take_aways", to="people.participant"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["participant", "-made_at"], name="journey_tak_partici_5bb704_idx")],
            },
        ),
    ]
