"""The schedule's tables, and the operators its exclusion constraints need."""

import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import scheduling.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0001_people_cars_and_consent"),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Advisor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("spoken_name", models.CharField(max_length=60)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=5), default=list, size=None
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("active", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CalendarState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("calendar_id", models.CharField(max_length=256, unique=True)),
                ("sync_token", models.TextField(blank=True)),
                ("channel_id", models.CharField(blank=True, max_length=64)),
                ("channel_token", models.CharField(blank=True, max_length=64)),
                ("channel_resource", models.CharField(blank=True, max_length=256)),
                ("channel_expires_at", models.DateTimeField(blank=True, null=True)),
                ("pulled_at", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("broken_since", models.DateTimeField(blank=True, null=True)),
                ("broken_reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "verbose_name": "calendar connection",
            },
        ),
        migrations.CreateModel(
            name="KnowledgeArticle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.SlugField(max_length=40, unique=True)),
                (
                    "phrases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                ("spoken", models.TextField(help_text="At most 40 words, as the agent says it.")),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["topic"],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("ref", models.CharField(editable=False, max_length=6, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("confirmed", "Confirmed"),
                            ("checked_in", "Checked in"),
                            ("in_service", "In service"),
                            ("ready", "Ready"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                            ("no_show", "No show"),
                        ],
                        default="booked",
                        max_length=12,
                    ),
                ),
                ("start", models.DateTimeField()),
                (
                    "end",
                    models.DateTimeField(
                        help_text="When the work ends, lunch included, turnaround not."
                    ),
                ),
                (
                    "visit_type",
                    models.CharField(
                        choices=[
                            ("waiter", "Waits here"),
                            ("drop_off", "Drops off"),
                            ("shuttle", "Drops off, shuttle ride"),
                            ("loaner", "Drops off, loaner car"),
                            ("tow_in", "Towed in"),
                        ],
                        default="drop_off",
                        max_length=10,
                    ),
                ),
                (
                    "concern",
                    models.CharField(
                        blank=True, help_text="The caller's own words.", max_length=500
                    ),
                ),
                (
                    "triage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unsafe", "Unsafe: do not drive"),
                            ("urgent", "Urgent: earliest opening"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "needs_link",
                    models.BooleanField(
                        default=False,
                        help_text="Booked without verification: match to the record on arrival.",
                    ),
                ),
                ("source", models.CharField(default="phone", max_length=12)),
                ("call_sid", models.CharField(blank=True, max_length=64)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "idempotency_key",
                    models.CharField(blank=True, max_length=120, null=True, unique=True),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancel_reason", models.CharField(blank=True, max_length=200)),
                (
                    "promised_at",
                    models.DateTimeField(blank=True, help_text="Told to the customer.", null=True),
                ),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("calendar_event_id", models.CharField(blank=True, max_length=64)),
                ("calendar_etag", models.CharField(blank=True, max_length=120)),
                ("reminder_sent", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "advisor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="scheduling.advisor",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="crm.customer",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="crm.vehicle",
                    ),
                ),
            ],
            options={
                "ordering": ["start"],
            },
        ),
        migrations.CreateModel(
            name="AppointmentEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=16)),
                (
                    "by",
                    models.CharField(
                        help_text="phone, system, or the staff member's login.", max_length=80
                    ),
                ),
                ("call_sid", models.CharField(blank=True, max_length=64)),
                (
                    "idempotency_key",
                    models.CharField(blank=True, max_length=120, null=True, unique=True),
                ),
                ("facts", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="scheduling.appointment",
                    ),
                ),
            ],
            options={
                "ordering": ["appointment", "version"],
            },
        ),
        migrations.CreateModel(
            name="Bay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True)),
                (
                    "lanes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("X", "Express"),
                                ("M", "Main shop"),
                                ("D", "Diagnosis"),
                                ("E", "EV and hybrid"),
                            ],
                            max_length=1,
                        ),
                        size=None,
                    ),
                ),
                ("skill", models.PositiveSmallIntegerField(default=2)),
                ("active", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("skill__range", (1, 3))), name="bay_skill_is_possible"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BusinessHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        help_text="0 is Monday.",
                        unique=True,
                        validators=[django.core.validators.MaxValueValidator(6)],
                    ),
                ),
                ("opens", models.TimeField()),
                ("closes", models.TimeField()),
                ("lunch_starts", models.TimeField(blank=True, null=True)),
                ("lunch_ends", models.TimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "business hours",
                "ordering": ["weekday"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 6), ("opens__lt", models.F("closes"))),
                        name="hours_open_before_they_close",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lunch_ends", None), ("lunch_starts", None)),
                            models.Q(
                                ("lunch_ends__gt", models.F("lunch_starts")),
                                ("lunch_ends__lte", models.F("closes")),
                                ("lunch_starts__gte", models.F("opens")),
                            ),
                            _connector="OR",
                        ),
                        name="hours_hold_their_lunch",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarOutbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "operation",
                    models.CharField(
                        choices=[("insert", "Insert"), ("patch", "Patch"), ("delete", "Delete")],
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("dead", models.BooleanField(default=False)),
                ("last_error", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outbox",
                        to="scheduling.appointment",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar write",
                "ordering": ["appointment", "version"],
            },
        ),
        migrations.CreateModel(
            name="CalendarReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        help_text="moved, edited, deleted, overlap, unknown", max_length=16
                    ),
                ),
                ("event_id", models.CharField(blank=True, max_length=256)),
                ("etag", models.CharField(blank=True, max_length=120)),
                ("facts", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("accepted", "Taken over"),
                            ("restored", "Calendar put right"),
                            ("dismissed", "Dismissed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_by", models.CharField(blank=True, max_length=80)),
                (
                    "appointment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="scheduling.appointment",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="CapacityOverride",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "limit",
                    models.CharField(
                        choices=[
                            ("appointments", "Appointments a day"),
                            ("work_min", "Labour minutes a day"),
                            ("waiters", "Waiters an hour"),
                            ("shuttle", "Shuttle rides a day"),
                            ("loaners", "Loaner cars a day"),
                            ("check_ins", "Check-ins at once (advisors)"),
                        ],
                        max_length=16,
                    ),
                ),
                ("value", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["day", "limit"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "limit"), name="one_override_per_limit_and_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                (
                    "starts",
                    models.TimeField(blank=True, help_text="Empty: the whole day.", null=True),
                ),
                ("ends", models.TimeField(blank=True, null=True)),
                ("reason", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["first_day"],
                "indexes": [
                    models.Index(fields=["last_day"], name="scheduling__last_da_097969_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_day__lte", models.F("last_day"))),
                        name="closure_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ends", None), ("starts", None)),
                            ("starts__lt", models.F("ends")),
                            _connector="OR",
                        ),
                        name="closure_hours_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LocalEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("calendar_id", models.CharField(max_length=256)),
                ("event_id", models.CharField(max_length=256)),
                ("etag", models.CharField(max_length=120)),
                ("cancelled", models.BooleanField(default=False)),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("summary", models.CharField(blank=True, max_length=200)),
                ("description", models.TextField(blank=True)),
                ("private", models.JSONField(default=dict)),
                (
                    "sequence",
                    models.BigIntegerField(help_text="Rises with every change: the sync token."),
                ),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["start"],
                "indexes": [
                    models.Index(fields=["calendar_id", "sequence"], name="local_event_sequence"),
                    models.Index(fields=["calendar_id", "start"], name="local_event_start"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("calendar_id", "event_id"), name="local_event_id_is_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("kind", models.CharField(help_text="booked, moved or cancelled", max_length=12)),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "Text message"), ("email", "E-mail")], max_length=8
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dropped",
                    models.CharField(blank=True, help_text="Why it was never sent.", max_length=40),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="scheduling.appointment",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("span", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("appointment", "Appointment"),
                            ("hold", "Hold"),
                            ("block", "Block"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "visit_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("waiter", "Waits here"),
                            ("drop_off", "Drops off"),
                            ("shuttle", "Drops off, shuttle ride"),
                            ("loaner", "Drops off, loaner car"),
                            ("tow_in", "Towed in"),
                        ],
                        max_length=10,
                    ),
                ),
                ("work_min", models.PositiveSmallIntegerField(default=0)),
                (
                    "op_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("call_sid", models.CharField(blank=True, max_length=64)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("external_id", models.CharField(blank=True, max_length=256)),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField()),
                (
                    "appointment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reservation",
                        to="scheduling.appointment",
                    ),
                ),
                (
                    "bay",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="scheduling.bay",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.vehicle",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ServiceOp",
            fields=[
                ("op_code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("spoken_name", models.CharField(help_text="As the agent says it.", max_length=80)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        help_text="What callers say for it, one phrase each.",
                        size=None,
                    ),
                ),
                ("bay_min", models.PositiveSmallIntegerField(help_text="Minutes of bay time.")),
                (
                    "visit_min",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Minutes told to the caller; empty: by end of day.",
                        null=True,
                    ),
                ),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("X", "Express"),
                            ("M", "Main shop"),
                            ("D", "Diagnosis"),
                            ("E", "EV and hybrid"),
                        ],
                        max_length=1,
                    ),
                ),
                (
                    "skill",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="1 lube, 2 line technician, 3 master."
                    ),
                ),
                ("waiter_ok", models.BooleanField(default=False)),
                (
                    "price_kind",
                    models.CharField(
                        choices=[
                            ("fixed", "Posted price"),
                            ("from", "Starts at"),
                            ("diag", "Diagnosis fee, credited"),
                        ],
                        max_length=8,
                    ),
                ),
                ("price_cents", models.PositiveIntegerField()),
                (
                    "price_note",
                    models.CharField(blank=True, help_text='Such as "plus tires".', max_length=80),
                ),
                ("interval_miles", models.PositiveIntegerField(blank=True, null=True)),
                ("interval_months", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "triage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unsafe", "Unsafe: do not drive"),
                            ("urgent", "Urgent: earliest opening"),
                        ],
                        max_length=8,
                    ),
                ),
                ("needs_parts", models.BooleanField(default=False)),
                ("active", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "service",
                "ordering": ["position", "op_code"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["aliases"], name="service_aliases"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("bay_min__gte", 5), ("skill__range", (1, 3))),
                        name="service_is_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("waiter_ok", False), ("visit_min__isnull", False), _connector="OR"
                        ),
                        name="service_waited_for_has_a_length",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AppointmentService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "price_kind",
                    models.CharField(
                        choices=[
                            ("fixed", "Posted price"),
                            ("from", "Starts at"),
                            ("diag", "Diagnosis fee, credited"),
                        ],
                        max_length=8,
                    ),
                ),
                ("price_cents", models.PositiveIntegerField()),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="services",
                        to="scheduling.appointment",
                    ),
                ),
                (
                    "op",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheduling.serviceop",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ShopSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(default="Bart's Automotive", max_length=80)),
                ("legal_name", models.CharField(default="Bart's Automotive LLC", max_length=80)),
                ("phone", models.CharField(default="+15555550100", max_length=16)),
                ("address", models.CharField(blank=True, max_length=160)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("lead_min", models.PositiveSmallIntegerField(default=120)),
                ("horizon_days", models.PositiveSmallIntegerField(default=60)),
                (
                    "grid_min",
                    models.PositiveSmallIntegerField(
                        default=30, validators=[django.core.validators.MinValueValidator(5)]
                    ),
                ),
                ("turnaround_min", models.PositiveSmallIntegerField(default=10)),
                ("hold_s", models.PositiveSmallIntegerField(default=240)),
                (
                    "writeup_min",
                    models.PositiveSmallIntegerField(
                        default=15, help_text="One check-in per advisor in this many minutes."
                    ),
                ),
                ("waiters_per_hour", models.PositiveSmallIntegerField(default=2)),
                ("waiter_max_visit_min", models.PositiveSmallIntegerField(default=90)),
                ("last_waiter_start", models.TimeField(default=datetime.time(15, 0))),
                ("shuttle_per_day", models.PositiveSmallIntegerField(default=6)),
                ("shuttle_from", models.TimeField(default=datetime.time(9, 0))),
                ("shuttle_until", models.TimeField(default=datetime.time(10, 0))),
                ("loaners_per_day", models.PositiveSmallIntegerField(default=3)),
                ("loaner_min_visit_min", models.PositiveSmallIntegerField(default=240)),
                ("max_appointments_per_day", models.PositiveSmallIntegerField(default=48)),
                (
                    "max_work_min_per_day",
                    models.PositiveSmallIntegerField(
                        default=3360, help_text="Labour minutes a day: eight bays of seven hours."
                    ),
                ),
            ],
            options={
                "verbose_name": "shop settings",
                "verbose_name_plural": "shop settings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="shop_settings_is_one_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitlistEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "op_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), size=None
                    ),
                ),
                (
                    "visit_type",
                    models.CharField(
                        choices=[
                            ("waiter", "Waits here"),
                            ("drop_off", "Drops off"),
                            ("shuttle", "Drops off, shuttle ride"),
                            ("loaner", "Drops off, loaner car"),
                            ("tow_in", "Towed in"),
                        ],
                        default="drop_off",
                        max_length=10,
                    ),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                (
                    "part",
                    models.CharField(
                        blank=True, help_text="morning, afternoon or empty", max_length=12
                    ),
                ),
                ("number", models.CharField(max_length=16)),
                ("call_sid", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("proposed", "Opening proposed"),
                            ("booked", "Booked"),
                            ("closed", "Closed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("proposed_start", models.DateTimeField(blank=True, null=True)),
                ("proposed_at", models.DateTimeField(blank=True, null=True)),
                ("idempotency_key", models.CharField(max_length=120, unique=True)),
                ("created_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waitlist",
                        to="crm.customer",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.vehicle",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "waitlist",
                "ordering": ["created_at"],
            },
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["start"], name="appointment_start"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("status__in", ("booked", "confirmed"))),
                fields=["start"],
                name="appointment_upcoming",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["customer", "start"], name="appointment_customer"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("call_sid", ""), _negated=True),
                fields=["call_sid"],
                name="appointment_call",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("start__lt", models.F("end"))),
                name="appointment_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("ref__regex", "^[A-HJ-NP-Z2-9]{6}$")),
                name="appointment_ref_is_sayable",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="appointment_version_from_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("status__in", ("cancelled", "no_show")), _negated=True),
                expressions=[
                    (
                        scheduling.models.TsTzRange(
                            "start", "end", django.contrib.postgres.fields.ranges.RangeBoundary()
                        ),
                        "&&",
                    ),
                    ("vehicle", "="),
                ],
                name="appointment_one_per_vehicle_and_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointmentevent",
            constraint=models.UniqueConstraint(
                fields=("appointment", "version"), name="one_event_per_version"
            ),
        ),
        migrations.AddIndex(
            model_name="calendaroutbox",
            index=models.Index(
                condition=models.Q(("dead", False), ("done_at", None)),
                fields=["next_try_at"],
                name="outbox_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendaroutbox",
            constraint=models.UniqueConstraint(
                fields=("appointment", "version"), name="one_calendar_write_per_version"
            ),
        ),
        migrations.AddIndex(
            model_name="calendarreview",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["created_at"], name="review_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarreview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("event_id", "kind", "etag"),
                name="one_open_review_per_difference",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("dropped", ""), ("sent_at", None)),
                fields=["next_try_at"],
                name="notice_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("appointment", "version", "channel"), name="one_notice_per_version"
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("kind", "hold")), fields=["call_sid"], name="hold_call"
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("kind", "hold")), fields=["expires_at"], name="hold_expiry"
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=["external_id"],
                name="block_external",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("span", "&&"), ("bay", "=")], name="reservation_one_per_bay_and_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("span__isempty", False), ("span__lower_inf", False), ("span__upper_inf", False)
                ),
                name="reservation_span_is_bounded",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("appointment__isnull", False),
                        ("expires_at", None),
                        ("kind", "appointment"),
                    ),
                    models.Q(
                        ("appointment", None), ("expires_at__isnull", False), ("kind", "hold")
                    ),
                    models.Q(("appointment", None), ("expires_at", None), ("kind", "block")),
                    _connector="OR",
                ),
                name="reservation_fits_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointmentservice",
            constraint=models.UniqueConstraint(
                fields=("appointment", "op"), name="service_once_per_visit"
            ),
        ),
        migrations.AddIndex(
            model_name="waitlistentry",
            index=models.Index(
                condition=models.Q(("state__in", ("waiting", "proposed"))),
                fields=["created_at"],
                name="waitlist_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="waitlistentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_day__lte", models.F("last_day"))),
                name="waitlist_days_in_order",
            ),
        ),
    ]
