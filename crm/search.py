"""How staff find a customer: a name, a number or the end of one, a VIN or its last six.

Rules: what was typed decides which index is asked, so that a search stays quick with a
million customers; an unfiltered list is counted by the table's statistics.
"""

import re
from functools import cached_property

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q, QuerySet

from crm import vin
from crm.models import Customer, CustomerPhone, Vehicle
from crm.names import plain
from crm.phones import to_e164

EXACT_BELOW = 20_000
"""Tables smaller than this are counted; larger ones are estimated."""
COUNTED = 1_000
"""A search's results are counted up to here: nobody pages further."""


def find(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Those of `customers` that the typed text can mean."""
    typed = text.strip()[:80]
    if not typed:
        return customers
    found = _by_number(typed) | _by_vin(typed)
    words = plain(typed).split()
    if words and not re.search(r"\d", typed):
        for word in words:
            # The trigram index answers this; it needs three letters to be of use.
            customers = customers.filter(name_key__contains=word)
        return customers
    return customers.filter(found) if found else customers.none()


def _by_number(typed: str) -> Q:
    digits = re.sub(r"\D", "", typed)
    e164 = to_e164(typed)
    if e164:
        return Q(pk__in=CustomerPhone.objects.filter(e164=e164).values("customer_id"))
    if 4 <= len(digits) <= 9 and re.fullmatch(r"[\d\s().+-]+", typed):
        ends = CustomerPhone.objects.filter(e164__endswith=digits).values("customer_id")
        return Q(pk__in=ends)
    return Q()


def _by_vin(typed: str) -> Q:
    tail = vin.normalise(typed)
    if len(tail) == vin.LENGTH:
        return Q(pk__in=Vehicle.objects.filter(vin=tail).values("owner_id"))
    if len(tail) == 6 and re.search(r"\d", tail):
        return Q(pk__in=Vehicle.objects.filter(vin_last6=tail).values("owner_id"))
    return Q()


class EstimatedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages without counting a large table row by row."""

    @cached_property
    def count(self) -> int:
        """Rows in all: exact for small tables, else from the statistics."""
        rows: QuerySet[Customer] = self.object_list  # type: ignore[assignment]
        if rows.query.where:
            return rows.order_by()[:COUNTED].count()
        estimate = _estimate(rows.model._meta.db_table)
        return estimate if estimate >= EXACT_BELOW else rows.order_by().count()


def _estimate(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select reltuples::bigint from pg_class where oid = %s::regclass", [table])
        return int(cursor.fetchone()[0])
