from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Lower, Replace


def _digits() -> Replace:
    text = F("phone")
    for sign in "+-() .":
        text = Replace(text, Value(sign), Value(""))
    return text


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_pairing_levels"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(Lower("email"), name="profile_by_email"),
        ),
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(_digits(), name="profile_by_phone"),
        ),
    ]
