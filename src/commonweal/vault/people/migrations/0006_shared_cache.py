from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_looking_up"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedCache",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
