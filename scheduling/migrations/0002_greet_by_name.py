"""Whether callers are greeted by name is the shop's choice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0001_the_schedule"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="greet_by_name",
            field=models.BooleanField(
                default=True,
                help_text="Greet a caller by first name when the number has one owner.",
            ),
        ),
    ]
