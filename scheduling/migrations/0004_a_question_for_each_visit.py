"""One event in the way of two visits is a question about each."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0003_cars_caps_and_channels"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="calendarreview",
            name="one_open_review_per_difference",
        ),
        migrations.AddConstraint(
            model_name="calendarreview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("event_id", "kind", "etag", "appointment"),
                name="one_open_review_per_difference",
            ),
        ),
    ]
