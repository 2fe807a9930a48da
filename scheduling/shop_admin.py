"""The shop in the admin: its menu, hours, days off, limits, bays, people and articles.

Rules: all of it is staff's to edit, arrays as one entry a line. What visits refer to is
switched off, never deleted. A closure that meets visits says so with links to them.
"""

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.fields import ArrayField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from scheduling import day_sheet
from scheduling.changes import CHANGEABLE
from scheduling.models import (
    Advisor,
    Appointment,
    Bay,
    BusinessHours,
    CapacityOverride,
    Closure,
    KnowledgeArticle,
    ServiceOp,
    ShopSettings,
)


class LinesField(forms.Field):
    """An array edited as one line per entry; `entry` checks each of them."""

    def __init__(self, entry: forms.Field, **kwargs: Any) -> None:
        super().__init__(widget=UnfoldAdminTextareaWidget, **kwargs)
        self.entry = entry

    def prepare_value(self, value: Any) -> Any:
        """One entry a line."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Lines without blanks around them and without empty ones."""
        lines = value.splitlines() if isinstance(value, str) else value or []
        return [self.entry.clean(line.strip()) for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the entries differ, however the lines are broken."""
        return bool(list(initial or []) != self.to_python(data))


class Editable(ModelAdmin):
    """What staff may edit; arrays as lines."""

    list_per_page = 50

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Arrays as one line per entry."""
        if isinstance(db_field, ArrayField):
            return LinesField(
                db_field.base_field.formfield() or forms.CharField(),
                required=not db_field.blank,
                help_text=db_field.help_text or "One per line.",
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(ServiceOp)
class ServiceOpAdmin(Editable):
    """The service menu."""

    list_display = ("op_code", "name", "lane", "skill", "bay_min", "visit", "waiter_ok", "price",
                    "active")  # fmt: skip
    list_filter = ("lane", "active", "waiter_ok", "price_kind")
    search_fields = ("op_code", "name", "aliases")

    @display(description="Visit")
    def visit(self, row: ServiceOp) -> str:
        """What callers are told."""
        return f"{row.visit_min} min" if row.visit_min else "by end of day"

    @display(description="Price", ordering="price_cents")
    def price(self, row: ServiceOp) -> str:
        """As it may be said."""
        starts = "from " if row.price_kind == "from" else ""
        return f"{starts}${row.price_cents / 100:.2f} {row.price_note}".strip()

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceOp | None = None) -> Any:
        """A code that visits refer to stays."""
        return ("op_code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Visits refer to services: they are switched off, not deleted."""
        return False


@admin.register(ShopSettings)
class ShopSettingsAdmin(Editable):
    """The one row of rules."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """There is one."""
        return not ShopSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """And it stays."""
        return False


@admin.register(BusinessHours)
class BusinessHoursAdmin(Editable):
    """The week."""

    list_display = ("__str__", "lunch_starts", "lunch_ends")


@admin.register(Closure)
class ClosureAdmin(Editable):
    """Days off; visits that stand there already are pointed out."""

    list_display = ("reason", "first_day", "last_day", "starts", "ends")
    search_fields = ("reason",)

    def save_model(self, request: HttpRequest, obj: Closure, form: Any, change: bool) -> None:
        """Save, and say how many visits the closure meets."""
        super().save_model(request, obj, form, change)
        _warn_about_visits(request, obj)


def _warn_about_visits(request: HttpRequest, closure: Closure) -> None:
    """Tell staff of visits that stand on days which are now closed."""
    zone = day_sheet.shop_zone()
    since = datetime.combine(closure.first_day, closure.starts or time(), zone)
    until = datetime.combine(closure.last_day, closure.ends or time(23, 59), zone)
    met = Appointment.objects.filter(
        start__lt=until, end__gt=since, status__in=CHANGEABLE
    ).order_by("start")
    if met:
        links = format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            (
                (reverse("admin:scheduling_appointment_change", args=[row.pk]), row.ref)
                for row in met[:20]
            ),
        )
        messages.warning(request, format_html("{} visits stand there: {}", len(met), links))


@admin.register(CapacityOverride)
class CapacityOverrideAdmin(Editable):
    """Another limit on one day."""

    list_display = ("day", "limit", "value", "reason")
    list_filter = ("limit", ("day", RangeDateFilter))
    list_filter_submit = True


@admin.register(Bay)
class BayAdmin(Editable):
    """Bays and what they can do."""

    list_display = ("name", "serves", "skill", "active")

    @display(description="Lanes")
    def serves(self, row: Bay) -> str:
        """The lanes' letters."""
        return ", ".join(row.lanes)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Bay time refers to bays: they are switched off, not deleted."""
        return False


@admin.register(Advisor)
class AdvisorAdmin(Editable):
    """The people at the desk."""

    list_display = ("name", "spoken_name", "active")


@admin.register(KnowledgeArticle)
class KnowledgeArticleAdmin(Editable):
    """What the agent may say about the shop."""

    list_display = ("topic", "spoken", "active")
    search_fields = ("topic", "spoken", "phrases")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """With the limit on spoken words checked."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "spoken":
            field.validators = [*field.validators, _is_short_enough]
        return field


def _is_short_enough(spoken: str) -> None:
    """An answer is spoken on the phone: nobody listens to more."""
    if len(spoken.split()) > KnowledgeArticle.WORDS_MAX:
        raise forms.ValidationError(f"At most {KnowledgeArticle.WORDS_MAX} words.")
