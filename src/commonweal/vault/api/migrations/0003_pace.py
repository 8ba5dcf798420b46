from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_import_jobs")]

    operations = [
        migrations.AddField("partnertoken", "minute", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("partnertoken", "asked", models.IntegerField(db_default=0, default=0)),
    ]
