"""A call to the test number is a row of its own kind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds `test`."""

    dependencies = [
        ("calls", "0003_feedback"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboundcall",
            name="test",
            field=models.BooleanField(default=False),
        ),
    ]
