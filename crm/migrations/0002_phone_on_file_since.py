"""Since when a number is a customer's; numbers that are there already are as old as their customer."""

from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models

NAME = "on file since"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0001_people_cars_and_consent")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="customerphone",
            name="since",
            field=models.DateTimeField(NAME, blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="customerphone",
            name="since",
            field=models.DateTimeField(
                NAME, blank=True, default=django.utils.timezone.now, editable=False, null=True
            ),
        ),
    ]
