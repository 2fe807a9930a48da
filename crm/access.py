"""The way to a person's rows: every function takes the customer, never a bare row id.

Rules: a row of somebody else and a row that isn't there give the same refusal; what
comes back is locked only where the name says so.
"""

from collections.abc import Iterable

from crm.errors import NotFound
from crm.models import Customer, CustomerPhone, Vehicle


def lock_customer(customer_id: int) -> Customer:
    """The customer, locked against other writers till the transaction ends."""
    # `no_key`: rows that merely point at the customer may go on being written.
    found = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if found is None:
        raise NotFound(what="customer")
    return found


def vehicle_of(*, customer_id: int, vehicle_id: int) -> Vehicle:
    """An active car of this customer. Raises `NotFound` for anybody else's."""
    found = Vehicle.objects.filter(pk=vehicle_id, owner_id=customer_id, active=True).first()
    if found is None:
        raise NotFound(what="vehicle")
    return found


def phones_of(customer_ids: Iterable[int]) -> tuple[str, ...]:
    """Every number under which one of these customers is cached."""
    rows = CustomerPhone.objects.filter(customer_id__in=list(customer_ids))
    return tuple(rows.values_list("e164", flat=True).distinct())
