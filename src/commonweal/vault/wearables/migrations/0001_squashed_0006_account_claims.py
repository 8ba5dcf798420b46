import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("wearables", "0001_initial"),
        ("wearables", "0002_store"),
        ("wearables", "0004_sync"),
        ("wearables", "0005_days_left_out"),
        ("wearables", "0006_account_claims"),
    ]

    initial = True

    dependencies = [
        ("people", "0001_squashed_0009_device_crosswalk"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharingCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.BigIntegerField(default=0)),
                ("everybody_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("provider", models.CharField(max_length=20)),
                ("state", models.CharField(db_index=True, default="connected", max_length=10)),
                ("sealed", models.BinaryField(default=b"")),
                ("connected_at", models.DateTimeField()),
                ("cut_at", models.DateTimeField(blank=True, null=True)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("why", models.CharField(default="", max_length=40)),
                ("attempts", models.IntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wearable_connections",
                        to="people.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "connected")),
                        fields=("participant", "provider"),
                        name="a_connection_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DayLeftOut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("day", models.DateField()),
                ("left_out", models.BooleanField(default=True)),
                ("reason", models.CharField(blank=True, max_length=10)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="days_left_out",
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
                        to="wearables.dayleftout",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["participant", "day"], name="wearables_d_partici_eba5d6_idx")],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("source", models.CharField(max_length=20)),
                ("provider", models.CharField(blank=True, max_length=20)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("owner", models.CharField(blank=True, db_index=True, max_length=64)),
                ("received_time", models.DateTimeField()),
                ("finished_time", models.DateTimeField(blank=True, null=True)),
                ("state", models.CharField(db_index=True, default="received", max_length=10)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("counts", models.JSONField(default=dict)),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wearable_submissions",
                        to="people.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.participant"
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="wearables.submission"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sync",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("next_at", models.DateTimeField(db_index=True)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("oldest", models.DateField(blank=True, null=True)),
                ("newest", models.DateField(blank=True, null=True)),
                ("last_data", models.DateField(blank=True, null=True)),
                ("last_read_at", models.DateTimeField(blank=True, null=True)),
                ("time_zone", models.CharField(default="", max_length=60)),
                ("trouble", models.CharField(default="", max_length=20)),
                ("attempts", models.IntegerField(default=0)),
                ("refused", models.CharField(default="", max_length=200)),
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sync", to="wearables.connection"
                    ),
                ),
            ],
        ),
    ]
