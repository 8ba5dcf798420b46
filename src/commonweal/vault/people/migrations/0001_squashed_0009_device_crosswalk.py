import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("people", "0001_initial"),
        ("people", "0002_joining"),
        ("people", "0003_numbering_of_changes"),
        ("people", "0004_pairing_levels"),
        ("people", "0005_looking_up"),
        ("people", "0006_shared_cache"),
        ("people", "0007_long_names_and_single_ones"),
        ("people", "0008_queues_of_the_staff"),
        ("people", "0009_device_crosswalk"),
    ]

    initial = True

    dependencies = [
        ("auth", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("participant_id", models.CharField(max_length=12, unique=True)),
                ("biobank_id", models.CharField(max_length=12, unique=True)),
                ("external_id", models.CharField(max_length=80, null=True, unique=True)),
                ("origin", models.CharField(max_length=20)),
                ("is_test", models.BooleanField(default=False)),
                ("registered_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["registered_at"], name="people_part_registe_aa42e0_idx")],
            },
        ),
        migrations.CreateModel(
            name="SharedCache",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, null=True, unique=True)),
                ("phone", models.CharField(blank=True, max_length=16, null=True, unique=True)),
                ("phone_verified", models.BooleanField(default=False)),
                ("language", models.CharField(default="en", max_length=2)),
                ("is_active", models.BooleanField(default=True)),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email__isnull", False), ("phone__isnull", False), _connector="OR"),
                        name="an_address_or_a_number",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Crosswalk",
            fields=[
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="people.participant",
                    ),
                ),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name="participant",
            name="account",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="participant",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("position", models.BigIntegerField(null=True, unique=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="people.participant"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["participant", "id"], name="people_chan_partici_4aaedd_idx"),
                    models.Index(
                        condition=models.Q(("position__isnull", True)), fields=["id"], name="changes_not_numbered"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(choices=[("helper", "helper"), ("guardian", "guardian")], max_length=10)),
                ("relationship", models.CharField(blank=True, max_length=60)),
                ("code_digest", models.CharField(blank=True, db_index=True, max_length=64)),
                ("code_until", models.DateTimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="helps",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="helpers", to="people.participant"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Custody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("held", models.BooleanField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="custodies", to="people.participant"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.custody",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DeviceCrosswalk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=64)),
                ("sealed", models.BinaryField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.participant"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("participant", "mark"), name="a_device_once")],
            },
        ),
        migrations.CreateModel(
            name="Duplicate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("status", models.CharField(db_index=True, default="potential", max_length=10)),
                ("source", models.CharField(max_length=20)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("found_at", models.DateTimeField(auto_now_add=True)),
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
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.participant"
                    ),
                ),
                (
                    "primary",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.participant",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.participant"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("first", "second"), name="a_pair_once")],
            },
        ),
        migrations.CreateModel(
            name="Eligibility",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("answers", models.JSONField()),
                ("state", models.CharField(max_length=20)),
                ("reasons", models.JSONField(default=list)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="eligibilities",
                        to="people.participant",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.eligibility",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "needs_review")),
                        fields=["authored_time"],
                        name="eligibility_to_review",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("partner", "partner"),
                            ("event", "event"),
                            ("campaign", "campaign"),
                            ("referral", "referral"),
                        ],
                        default="campaign",
                        max_length=10,
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=120)),
                ("awardee", models.CharField(blank=True, max_length=60)),
                ("organisation", models.CharField(blank=True, max_length=60)),
                ("site", models.CharField(blank=True, max_length=60)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("closes_at", models.DateTimeField(blank=True, null=True)),
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
                    "referrer",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitation",
                        to="people.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.arrival",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="arrivals", to="people.participant"
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="arrivals", to="people.invitation"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Pairing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("site", models.CharField(blank=True, max_length=60)),
                ("organisation", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("awardee", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("record_number", models.CharField(blank=True, max_length=80)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pairings", to="people.participant"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.pairing",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["site", "record_number"], name="people_pair_site_f09516_idx"),
                    models.Index(
                        condition=models.Q(("organisation", ""), _negated=True),
                        fields=["organisation"],
                        name="paired_with_organisation",
                    ),
                    models.Index(
                        condition=models.Q(("awardee", ""), _negated=True),
                        fields=["awardee"],
                        name="paired_with_awardee",
                    ),
                    models.Index(
                        fields=["participant", "-authored_time", "-id"], name="people_pair_partici_e4b9fa_idx"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PatientStatus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("organisation", models.CharField(max_length=60)),
                (
                    "status",
                    models.CharField(
                        choices=[("YES", "YES"), ("NO", "NO"), ("NO_ACCESS", "NO_ACCESS"), ("UNKNOWN", "UNKNOWN")],
                        max_length=10,
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patient_statuses",
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
                        to="people.patientstatus",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_time", models.DateTimeField()),
                ("authored_time", models.DateTimeField()),
                ("received_time", models.DateTimeField(db_index=True)),
                ("source", models.CharField(max_length=40)),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("given_name", models.CharField(max_length=200)),
                ("family_name", models.CharField(blank=True, max_length=200)),
                ("birth_date", models.DateField()),
                ("sex_at_birth", models.CharField(max_length=10)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("address_line", models.CharField(blank=True, max_length=200)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("state", models.CharField(blank=True, max_length=2)),
                ("zip", models.CharField(blank=True, max_length=10)),
                ("language", models.CharField(default="en", max_length=2)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="profiles", to="people.participant"
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.profile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["birth_date"], name="people_prof_birth_d_3c0ab1_idx"),
                    models.Index(
                        fields=["participant", "-authored_time", "-id"], name="people_prof_partici_d6e556_idx"
                    ),
                    models.Index(django.db.models.functions.text.Lower("email"), name="profile_by_email"),
                    models.Index(
                        django.db.models.functions.text.Replace(
                            django.db.models.functions.text.Replace(
                                django.db.models.functions.text.Replace(
                                    django.db.models.functions.text.Replace(
                                        django.db.models.functions.text.Replace(
                                            django.db.models.functions.text.Replace(
                                                models.F("phone"), models.Value("+"), models.Value("")
                                            ),
                                            models.Value("-"),
                                            models.Value(""),
                                        ),
                                        models.Value("("),
                                        models.Value(""),
                                    ),
                                    models.Value(")"),
                                    models.Value(""),
                                ),
                                models.Value(" "),
                                models.Value(""),
                            ),
                            models.Value("."),
                            models.Value(""),
                        ),
                        name="profile_by_phone",
                    ),
                ],
            },
        ),
    ]
