"""Which cars a service is for, how much one caller may book, where a push channel leads."""

import django.contrib.postgres.fields
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_CARS = {
    ("gas", "hybrid"): ("LOF-C", "LOF-S", "LOFROT", "PLUG"),
    ("gas", "diesel"): ("LOF-D",),  # many a truck on file as gas is one
    ("gas", "diesel", "hybrid"): ("EAF", "ATF", "MAJ30", "MAJ60"),
    ("ev", "hybrid"): ("EV-MC",),
}


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """A menu that was loaded before it knew: the shipped answer, for staff to change."""
    services = apps.get_model("scheduling", "ServiceOp")
    for powertrains, codes in _CARS.items():
        services.objects.filter(op_code__in=codes).update(powertrains=list(powertrains))


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0002_greet_by_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="calendarstate",
            name="channel_address",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="serviceop",
            name="powertrains",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("gas", "gasoline"),
                        ("diesel", "Diesel"),
                        ("hybrid", "Hybrid"),
                        ("ev", "electric"),
                    ],
                    max_length=8,
                ),
                blank=True,
                default=list,
                help_text="Which cars it is for: gas, diesel, hybrid, ev. Empty: every car.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="bookings_per_call",
            field=models.PositiveSmallIntegerField(
                default=2, help_text="Visits that one call may book."
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="bookings_per_number",
            field=models.PositiveSmallIntegerField(
                default=3, help_text="Visits that one number may book by phone within 24 hours."
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="bookings_withheld",
            field=models.PositiveSmallIntegerField(
                default=10,
                help_text="The same for all callers together who withhold their number.",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
