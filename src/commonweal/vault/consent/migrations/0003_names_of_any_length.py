from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_joining")]

    operations = [
        migrations.AlterField(
            model_name="consentanswer", name="signed_name", field=models.CharField(blank=True, max_length=401)
        ),
        migrations.AlterField(
            model_name="signature", name="typed_name", field=models.CharField(blank=True, max_length=401)
        ),
    ]
