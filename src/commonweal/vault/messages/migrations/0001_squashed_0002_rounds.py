import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("post", "0001_initial"), ("post", "0002_rounds")]

    initial = True

    dependencies = [
        ("people", "0001_squashed_0009_device_crosswalk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("began_at", models.DateTimeField()),
                ("place", models.BigIntegerField(default=0)),
                ("ended", models.BooleanField(default=False)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ContactPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("email", models.BooleanField(default=True)),
                ("sms", models.BooleanField(default=False)),
                ("reminders", models.BooleanField(default=True)),
                ("news", models.BooleanField(default=True)),
                ("quiet_from", models.TimeField()),
                ("quiet_until", models.TimeField()),
                ("language", models.CharField(max_length=2)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_preferences",
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
                        to="post.contactpreference",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("channel", models.CharField(max_length=10)),
                ("template", models.CharField(max_length=40)),
                ("language", models.CharField(max_length=2)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("body", models.TextField(blank=True)),
                ("link", models.CharField(blank=True, max_length=200)),
                ("idempotency_key", models.CharField(max_length=120, unique=True)),
                ("state", models.CharField(db_index=True, default="queued", max_length=10)),
                ("why", models.CharField(blank=True, max_length=60)),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(db_index=True)),
                ("attempts", models.IntegerField(default=0)),
                ("provider_id", models.CharField(blank=True, db_index=True, max_length=120)),
                (
                    "account",
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
                        related_name="messages",
                        to="people.participant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["participant", "-made_at"], name="post_messag_partici_6cad54_idx"),
                    models.Index(fields=["state", "due_at"], name="post_messag_state_0ee589_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("detail", models.CharField(blank=True, max_length=120)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="post.message"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("site", models.CharField(max_length=60)),
                ("kind", models.CharField(default="visit", max_length=10)),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("minutes", models.IntegerField(default=60)),
                ("wish", models.CharField(blank=True, max_length=300)),
                ("state", models.CharField(db_index=True, default="asked", max_length=10)),
                ("version", models.IntegerField(default=1)),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "made_by",
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
                        related_name="appointments",
                        to="people.participant",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["site", "starts_at"], name="post_appoin_site_f58798_idx")],
            },
        ),
    ]
