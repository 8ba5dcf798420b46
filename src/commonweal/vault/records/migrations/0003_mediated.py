import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0009_device_crosswalk"),
        ("records", "0002_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClinicSharingCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.BigIntegerField(default=0)),
                ("everybody_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ClinicConnection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("state", models.CharField(db_index=True, default="connected", max_length=10)),
                ("sealed", models.BinaryField(default=b"")),
                ("connected_at", models.DateTimeField()),
                ("cut_at", models.DateTimeField(blank=True, null=True)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("why", models.CharField(default="", max_length=40)),
                ("attempts", models.IntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("provider", models.CharField(max_length=60)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clinic_connections",
                        to="people.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClinicFetch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("next_at", models.DateTimeField(db_index=True)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("began_at", models.DateTimeField(blank=True, null=True)),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("done", models.JSONField(default=list)),
                ("current", models.CharField(default="", max_length=80)),
                ("link", models.BinaryField(default=b"")),
                ("pages", models.IntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("refused", models.JSONField(default=list)),
                ("trouble", models.CharField(default="", max_length=20)),
                ("attempts", models.IntegerField(default=0)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="fetch", to="records.clinicconnection"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClinicPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.IntegerField()),
                ("resources", models.IntegerField()),
                ("received_at", models.DateTimeField()),
                ("ready", models.BooleanField(db_index=True, default=False)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waiting",
                        to="records.clinicconnection",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="clinicconnection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "connected")),
                fields=("participant", "provider"),
                name="one_way_to_a_clinic",
            ),
        ),
    ]
