import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("surveys", "0001_initial"),
        ("surveys", "0002_forms_and_what_a_response_is"),
        ("surveys", "0003_answers_from_several_devices"),
        ("surveys", "0004_safety"),
    ]

    initial = True

    dependencies = [
        ("people", "0001_squashed_0009_device_crosswalk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Form",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("code", models.CharField(max_length=60)),
                ("version", models.CharField(max_length=60)),
                ("url", models.CharField(blank=True, db_index=True, max_length=500)),
                ("document", models.TextField()),
                ("original", models.TextField(blank=True, db_default="", default="")),
                ("sha256", models.CharField(max_length=64)),
                ("received_time", models.DateTimeField()),
                ("source", models.CharField(max_length=40)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("code", "version"), name="a_version_once")],
            },
        ),
        migrations.CreateModel(
            name="SafetyCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("plan", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=20)),
                ("urgency", models.CharField(max_length=10)),
                ("who", models.CharField(max_length=120)),
                ("language", models.CharField(max_length=2)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("state", models.CharField(default="open", max_length=10)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(blank=True, max_length=20)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="safety_cases",
                        to="people.participant",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=["due_at"],
                        name="safety_cases_to_do",
                    ),
                    models.Index(fields=["participant", "state"], name="safety_cases_of_a_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SafetySignal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("questionnaire", models.CharField(max_length=60)),
                ("version", models.CharField(max_length=20)),
                ("rule", models.CharField(max_length=120)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signals", to="surveys.safetycase"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="surveys.safetysignal",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SafetyStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("move", models.CharField(max_length=10)),
                ("note", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="surveys.safetycase"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SurveyResponse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("questionnaire", models.CharField(max_length=60)),
                ("version", models.CharField(max_length=60)),
                ("language", models.CharField(max_length=2)),
                ("document", models.TextField()),
                ("original", models.TextField(blank=True, db_default="", default="")),
                ("author", models.CharField(db_default="self", default="self", max_length=12)),
                ("status", models.CharField(db_default="completed", default="completed", max_length=20)),
                ("classification", models.CharField(db_default="complete", default="complete", max_length=24)),
                ("answer_hash", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("identifier", models.CharField(blank=True, db_default="", default="", max_length=64)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="survey_responses",
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
                        to="surveys.surveyresponse",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["participant", "questionnaire", "-event_time", "classification"],
                        name="surveys_of_a_person",
                    ),
                    models.Index(
                        condition=models.Q(("identifier", ""), _negated=True),
                        fields=["identifier"],
                        name="surveys_by_senders_identifier",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("questionnaire", models.CharField(max_length=60)),
                ("version", models.CharField(max_length=60)),
                ("answers", models.JSONField(default=dict)),
                ("author", models.CharField(db_default="self", default="self", max_length=12)),
                ("revision", models.IntegerField(db_default=0, default=0)),
                ("times", models.JSONField(blank=True, default=dict)),
                ("set_aside", models.JSONField(blank=True, default=list)),
                ("reached", models.CharField(blank=True, db_default="", default="", max_length=255)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="survey_drafts",
                        to="people.participant",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="surveys.surveyresponse",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("participant", "questionnaire"), name="one_draft_a_survey")
                ],
            },
        ),
    ]
