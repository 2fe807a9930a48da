"""Customers, vehicles, service history, consent; trigrams for names; append-only consent."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# A consent event proves what was agreed and when: it is never edited, and removed
# only by the functions that say so (`set local crm.erasing = 'on'`).
APPEND_ONLY = """
create function crm_refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and current_setting('crm.erasing', true) = 'on' then
        return old;
    end if;
    raise exception 'rows of % are append-only', tg_table_name
        using errcode = 'restrict_violation';
end $$;
create trigger consent_is_append_only before update or delete on crm_consentevent
    for each row execute function crm_refuse_change();
"""
APPEND_ONLY_UNDO = """
drop trigger consent_is_append_only on crm_consentevent;
drop function crm_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="ServiceRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ro_number",
                    models.CharField(max_length=16, unique=True, verbose_name="repair order"),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("odometer", models.PositiveIntegerField(verbose_name="odometer, miles")),
                ("advisor_name", models.CharField(blank=True, max_length=60)),
                (
                    "origin",
                    models.CharField(
                        choices=[("seed", "seeded"), ("phone", "by phone"), ("staff", "by staff")],
                        default="staff",
                        max_length=8,
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at"],
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=16)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("voice_ai", "automated voice"),
                            ("sms", "text message"),
                            ("email", "e-mail"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("service_info", "service information"),
                            ("marketing", "Marketing"),
                        ],
                        default="service_info",
                        max_length=16,
                    ),
                ),
                ("granted", models.BooleanField()),
                ("wording", models.TextField(max_length=1000)),
                ("call_sid", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "origin",
                    models.CharField(
                        choices=[("seed", "seeded"), ("phone", "by phone"), ("staff", "by staff")],
                        default="phone",
                        max_length=8,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["number", "channel", "purpose", "-at", "-id"], name="consent_latest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__regex", "^\\+[1-9][0-9]{7,14}$")),
                        name="consent_number_is_e164",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.CharField(max_length=60)),
                ("last_name", models.CharField(blank=True, max_length=60)),
                ("name_key", models.CharField(editable=False, max_length=130)),
                ("dob_sealed", models.CharField(blank=True, editable=False, max_length=200)),
                ("dob_hmac", models.CharField(blank=True, editable=False, max_length=64)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("language", models.CharField(default="en", max_length=8)),
                (
                    "contact_preference",
                    models.CharField(
                        choices=[
                            ("call", "Call"),
                            ("text", "Text"),
                            ("email", "Email"),
                            ("none", "no contact"),
                        ],
                        default="call",
                        max_length=8,
                    ),
                ),
                ("notes", models.TextField(blank=True, max_length=4000)),
                ("verify_locked_until", models.DateTimeField(blank=True, null=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[("seed", "seeded"), ("phone", "by phone"), ("staff", "by staff")],
                        default="staff",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name_key", "id"],
                "indexes": [
                    models.Index(models.F("name_key"), models.F("id"), name="customer_by_name"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("name_key"), name="gin_trgm_ops"
                        ),
                        name="customer_name_trigrams",
                    ),
                    models.Index(models.F("created_at"), name="customer_by_creation"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_name", ""), _negated=True),
                        name="customer_has_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dob_hmac", ""), ("dob_sealed", "")),
                            models.Q(
                                models.Q(("dob_sealed", ""), _negated=True),
                                models.Q(("dob_hmac", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="customer_dob_sealed_with_fingerprint",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DoNotCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=16, unique=True)),
                ("at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("call_sid", models.CharField(blank=True, max_length=64)),
                (
                    "origin",
                    models.CharField(
                        choices=[("seed", "seeded"), ("phone", "by phone"), ("staff", "by staff")],
                        default="phone",
                        max_length=8,
                    ),
                ),
            ],
            options={
                "verbose_name": "do-not-call entry",
                "verbose_name_plural": "do-not-call entries",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__regex", "^\\+[1-9][0-9]{7,14}$")),
                        name="dnc_number_is_e164",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("op_code", models.CharField(max_length=12)),
                ("description", models.CharField(max_length=120)),
                (
                    "status",
                    models.CharField(
                        choices=[("performed", "Performed"), ("declined", "Declined")],
                        default="performed",
                        max_length=10,
                    ),
                ),
                ("price_cents", models.PositiveIntegerField(default=0)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="crm.servicerecord",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Vehicle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "vin",
                    models.CharField(
                        blank=True, max_length=17, null=True, unique=True, verbose_name="VIN"
                    ),
                ),
                (
                    "vin_last6",
                    models.CharField(blank=True, max_length=6, verbose_name="VIN, last six"),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("make", models.CharField(max_length=40)),
                ("model", models.CharField(max_length=60)),
                ("trim", models.CharField(blank=True, max_length=80)),
                ("plate", models.CharField(blank=True, max_length=12)),
                (
                    "odometer",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="odometer, miles"
                    ),
                ),
                (
                    "powertrain",
                    models.CharField(
                        choices=[
                            ("gas", "gasoline"),
                            ("diesel", "Diesel"),
                            ("hybrid", "Hybrid"),
                            ("ev", "electric"),
                        ],
                        default="gas",
                        max_length=8,
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[("seed", "seeded"), ("phone", "by phone"), ("staff", "by staff")],
                        default="staff",
                        max_length=8,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vehicles",
                        to="crm.customer",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="vehicle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="service_records",
                to="crm.vehicle",
            ),
        ),
        migrations.CreateModel(
            name="AuthorizedContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("number", models.CharField(blank=True, max_length=16)),
                (
                    "may_manage",
                    models.BooleanField(default=False, verbose_name="may move and cancel visits"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authorized_contacts",
                        to="crm.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number", ""),
                            ("number__regex", "^\\+[1-9][0-9]{7,14}$"),
                            _connector="OR",
                        ),
                        name="contact_number_is_e164",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("street_number", models.CharField(max_length=12)),
                ("street", models.CharField(max_length=120)),
                ("city", models.CharField(max_length=80)),
                ("state", models.CharField(max_length=2)),
                ("zip", models.CharField(max_length=10, verbose_name="ZIP")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="crm.customer",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "addresses",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("zip__regex", "^[0-9]{5}(-[0-9]{4})?$")),
                        name="address_zip_has_form",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerPhone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("e164", models.CharField(max_length=16, verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[("mobile", "Mobile"), ("home", "Home"), ("work", "Work")],
                        default="mobile",
                        max_length=8,
                    ),
                ),
                ("is_primary", models.BooleanField(default=False)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phones",
                        to="crm.customer",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["e164"], name="phone_by_number")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "e164"), name="phone_once_per_customer"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("customer",),
                        name="one_primary_phone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("e164__regex", "^\\+[1-9][0-9]{7,14}$")),
                        name="phone_is_e164",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FactorTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("call_sid", models.CharField(max_length=64)),
                ("ani", models.CharField(blank=True, max_length=16, verbose_name="calling number")),
                ("factor", models.CharField(max_length=12)),
                ("ok", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "customer_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "verification try",
                "verbose_name_plural": "verification tries",
                "indexes": [
                    models.Index(fields=["call_sid"], name="tries_by_call"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["customer_ids"], name="tries_by_customer"
                    ),
                    models.Index(fields=["ani", "at"], name="tries_by_ani"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="vehicle",
            index=models.Index(fields=["owner", "active"], name="vehicle_by_owner"),
        ),
        migrations.AddIndex(
            model_name="vehicle",
            index=models.Index(fields=["vin_last6"], name="vehicle_by_vin_last6"),
        ),
        migrations.AddConstraint(
            model_name="vehicle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("vin__isnull", True), ("vin__regex", "^[A-HJ-NPR-Z0-9]{17}$"), _connector="OR"
                ),
                name="vehicle_vin_has_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="vehicle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("vin__isnull", True),
                    ("vin_last6", django.db.models.functions.text.Right("vin", 6)),
                    _connector="OR",
                ),
                name="vehicle_vin_last6_matches",
            ),
        ),
        migrations.AddConstraint(
            model_name="vehicle",
            constraint=models.CheckConstraint(
                condition=models.Q(("year__gte", 1900), ("year__lte", 2100)),
                name="vehicle_year_plausible",
            ),
        ),
        migrations.AddConstraint(
            model_name="vehicle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("odometer__isnull", True), ("odometer__lt", 2000000), _connector="OR"
                ),
                name="vehicle_odometer_plausible",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerecord",
            index=models.Index(fields=["vehicle", "-opened_at"], name="service_by_vehicle"),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("closed_at__gte", models.F("opened_at")),
                    _connector="OR",
                ),
                name="service_closed_after_opened",
            ),
        ),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_UNDO),
    ]
