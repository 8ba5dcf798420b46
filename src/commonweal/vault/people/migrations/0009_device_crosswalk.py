import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0008_queues_of_the_staff")]

    operations = [
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
    ]
