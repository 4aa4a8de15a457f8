from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("finance", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="schemestate",
            name="not_applicable",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
