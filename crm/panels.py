"""What a customer's page shows beside its form: history, visits, calls.

Rules: what other apps keep about a customer is read through the reverse relation, if
there is one, and shown by its own `str` and a few well-known columns; this app imports
nothing from above. Every text goes through `format_html`: notes, names and concerns are
somebody else's words.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crm import history
from crm.models import Customer, Vehicle

SHOWN = 20
_ROW = '<tr style="border-top:1px solid rgba(128,128,128,.25)">{}</tr>'
_CELL = '<td style="padding:.35rem .7rem;vertical-align:top;overflow-wrap:anywhere">{}</td>'
_TABLE = '<div style="overflow-x:auto"><table style="width:100%">{}</table></div>'


Page = TypeVar("Page")
Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown")


def once(panel: Callable[[Page, Row], Shown]) -> Callable[[Page, Row], Shown]:
    """Make a panel once for a row: a page's template asks for each of its cells several times."""

    @functools.wraps(panel)
    def kept(page: Page, row: Row) -> Shown:
        made: dict[str, Shown] = row.__dict__.setdefault("_panels", {})
        if panel.__name__ not in made:
            made[panel.__name__] = panel(page, row)
        return made[panel.__name__]

    return kept


def service_history(vehicle: Vehicle) -> SafeString:
    """A car's latest repair orders."""
    visits = history.service_history(vehicle.pk, limit=SHOWN)
    return _table(
        (
            f"{timezone.localtime(visit.opened_at):%b %d, %Y}",
            f"{visit.odometer:,} mi",
            _lines(visit),
            visit.advisor_name,
        )
        for visit in visits
    )


def _lines(visit: history.Visit) -> SafeString:
    return format_html_join(
        "",
        "<div>{}{}</div>",
        ((line.description, "" if line.performed else " (declined)") for line in visit.lines),
    )


def customer_history(customer: Customer) -> SafeString:
    """The history of each of a customer's cars, under its name."""
    cars = customer.vehicles.order_by("-active", "pk")
    return (
        format_html_join(
            "",
            '<details open style="margin-bottom:.8rem"><summary><b>{}</b></summary>{}</details>',
            ((str(car), service_history(car)) for car in cars),
        )
        or _nothing()
    )


def appointments(customer: Customer) -> SafeString:
    """The latest and coming visits, the furthest ahead first."""
    rows = _related(customer, "appointments", "-start", "vehicle", "services")
    return _table(
        (
            _link(row, f"{timezone.localtime(row.start):%a %b %d, %Y %H:%M}"),
            row.get_status_display(),
            str(row.vehicle),
            ", ".join(str(service) for service in row.services.all()),
        )
        for row in rows
    )


def calls(customer: Customer) -> SafeString:
    """The latest calls."""
    rows = _related(customer, "calls", "-started_at")
    return _table(
        (
            _link(row, f"{timezone.localtime(row.started_at):%a %b %d, %Y %H:%M}"),
            row.direction,
            row.flow,
            row.outcome,
        )
        for row in rows
    )


def _related(customer: Customer, name: str, order: str, *fetch: str) -> "list[Any]":
    manager = getattr(customer, name, None)
    if manager is None:
        return []
    return list(manager.prefetch_related(*fetch).order_by(order)[:SHOWN])


def _link(row: Model, text: str) -> SafeString | str:
    meta = row._meta
    try:
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return text
    return format_html('<a href="{}" class="text-primary-600">{}</a>', address, text)


def _table(rows: Any) -> SafeString:
    body = format_html_join(
        "", _ROW, ((format_html_join("", _CELL, ((cell,) for cell in row)),) for row in rows)
    )
    return format_html(_TABLE, body) if body else _nothing()


def _nothing() -> SafeString:
    return format_html("<span>{}</span>", "None yet.")
