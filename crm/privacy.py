"""A customer's right to see what we keep, and to be forgotten.

Rules: an export holds every row, of every app, that hangs from the customer, and is the
one place where a birth date is written out; forgetting deletes those same rows, calls and
transcripts included, in one transaction. What stays is bound to a number and to no name:
consent events, as proof of what was agreed, and the do-not-call list, which must be
honoured whoever asks. Nobody with a visit ahead is forgotten: cancel it first, so that the
calendar is told.
"""

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from psycopg import sql

from crm import access, cache
from crm.dependents import delete_where, referring_fields
from crm.errors import NotFound, Refusal
from crm.models import ConsentEvent, Customer, DoNotCall

log = logging.getLogger(__name__)

_NOT_EXPORTED = frozenset({"dob_sealed", "dob_hmac", "name_key"})

Row = dict[str, object]


class CannotForget(Refusal):
    """`code`: has_visits_ahead."""


def export_customer(customer_id: int) -> dict[str, list[Row]]:
    """Everything we keep about a customer: table -> rows as plain JSON values."""
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound(what="customer")
    found: dict[str, list[Row]] = {}
    _collect(found, customer)
    dob = customer.dob
    found["crm_customer"][0]["date_of_birth"] = dob.isoformat() if dob else None
    numbers = list(customer.phones.values_list("e164", flat=True))
    for model in (ConsentEvent, DoNotCall):
        for row in model._default_manager.filter(number__in=numbers):
            found.setdefault(model._meta.db_table, []).append(_row(row))
    return found


@transaction.atomic
def forget_customer(*, customer_id: int, now: dt.datetime) -> int:
    """Delete a customer and all that hangs from them; answers how many rows that were.

    Raises `NotFound` and `CannotForget`.
    """
    customer = access.lock_customer(customer_id)
    ahead = getattr(customer, "appointments", None)
    if ahead is not None and ahead.filter(start__gt=now).exclude(status="cancelled").exists():
        raise CannotForget("has_visits_ahead")
    cache.forget(*access.phones_of([customer_id]))
    rows = sum(len(found) for found in _hanging(customer).values())
    only = sql.SQL("customer_id = {}").format(sql.Literal(customer_id))
    for field in referring_fields(Customer):
        # Calls may do without a customer; of a person who is forgotten they go as well.
        if field.null and field.attname == "customer_id":
            delete_where(field.model, only)
    delete_where(Customer, sql.SQL("id = {}").format(sql.Literal(customer_id)))
    log.info("customer_forgotten", extra={"customer_id": customer_id, "rows": rows})
    return rows


def _hanging(customer: Customer) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    _collect(found, customer)
    return found


def _collect(found: dict[str, list[Row]], row: models.Model) -> None:
    """This row and, through every reference to it, the rows that hang from it."""
    rows = found.setdefault(row._meta.db_table, [])
    plain = _row(row)
    if plain in rows:
        return
    rows.append(plain)
    for field in referring_fields(type(row)):
        for child in field.model._base_manager.filter(**{field.attname: row.pk}):
            _collect(found, child)


def _row(row: models.Model) -> Row:
    return dict(_columns(row))


def _columns(row: models.Model) -> Iterator[tuple[str, object]]:
    for field in row._meta.concrete_fields:
        if field.attname not in _NOT_EXPORTED:
            yield field.attname, _plain(getattr(row, field.attname))


def _plain(value: Any) -> object:
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else str(value)
