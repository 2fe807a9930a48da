"""Make one customer out of two rows that are the same person.

Rules: everything that points at the one that goes, in whichever app, points at the one
that stays afterwards, in one transaction; what both have (a number) is kept once; what
only the one that goes knows (birth date, e-mail) is taken over. Two different birth dates
are two people: a father and a junior share a name and a number and are never merged.
"""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction

from crm import access, cache
from crm.dependents import referring_fields
from crm.errors import Refusal
from crm.models import Customer, CustomerPhone

log = logging.getLogger(__name__)


class CannotMerge(Refusal):
    """`code`: same_customer, different_birth_dates or overlapping_visits."""


@dataclass(frozen=True, slots=True)
class Merged:
    """How many rows of each table were moved, by the table's name."""

    customer_id: int
    moved: dict[str, int]


def merge_customers(*, keep_id: int, drop_id: int) -> Merged:
    """Move all that is `drop_id`'s to `keep_id` and delete the empty row.

    Raises `NotFound` and `CannotMerge`.
    """
    if keep_id == drop_id:
        raise CannotMerge("same_customer")
    try:
        with transaction.atomic():
            return _merge(keep_id, drop_id)
    except IntegrityError as error:
        # Two visits at one time can't both be the same car's; staff decide which stands.
        raise CannotMerge("overlapping_visits") from error


def _merge(keep_id: int, drop_id: int) -> Merged:
    locked = {pk: access.lock_customer(pk) for pk in sorted((keep_id, drop_id))}
    keep, drop = locked[keep_id], locked[drop_id]
    if keep.dob_hmac and drop.dob_hmac and keep.dob != drop.dob:
        raise CannotMerge("different_birth_dates")
    cache.forget(*access.phones_of([keep_id, drop_id]))
    if CustomerPhone.objects.filter(customer=keep, is_primary=True).exists():
        CustomerPhone.objects.filter(customer=drop).update(is_primary=False)
    moved = {}
    for field in referring_fields(Customer):
        _drop_doubles(field, keep_id, drop_id)
        rows = field.model._base_manager.filter(**{field.attname: drop_id})
        count = rows.update(**{field.attname: keep_id})
        if count:
            moved[field.model._meta.db_table] = count
    _take_over(keep, drop)
    drop.delete()
    keep.save()
    log.info("customers_merged", extra={"kept": keep_id, "dropped": drop_id})
    return Merged(keep_id, moved)


def _drop_doubles(field: "models.Field[Any, Any]", keep_id: int, drop_id: int) -> None:
    """Delete rows that would be the same as one of the customer's own after the move."""
    model = field.model
    for constraint in model._meta.constraints:
        if not isinstance(constraint, models.UniqueConstraint) or constraint.condition is not None:
            continue
        others = [name for name in constraint.fields if name != field.name]
        if field.name not in constraint.fields or not others:
            continue
        own = model._base_manager.filter(**{field.attname: keep_id}).values_list(*others)
        for values in own:
            same = dict(zip(others, values, strict=True))
            model._base_manager.filter(**{field.attname: drop_id}, **same).delete()


def _take_over(keep: Customer, drop: Customer) -> None:
    """Fill what is empty; keep the earlier date, the later lock and both notes."""
    if not keep.dob_hmac:
        keep.dob_sealed, keep.dob_hmac = drop.dob_sealed, drop.dob_hmac
    keep.email = keep.email or drop.email
    keep.created_at = min(keep.created_at, drop.created_at)
    keep.notes = "\n".join(note for note in (keep.notes, drop.notes) if note)[:4000]
    locks = [lock for lock in (keep.verify_locked_until, drop.verify_locked_until) if lock]
    keep.verify_locked_until = max(locks, default=None)


def likely_duplicates(customer_id: int, *, limit: int = 10) -> tuple[int, ...]:
    """Customers of the same name who share a number or an address with this one, or a birth date."""
    customer = Customer.objects.get(pk=customer_id)
    same_name = Customer.objects.filter(name_key=customer.name_key).exclude(pk=customer_id)
    numbers = customer.phones.values("e164")
    places = customer.addresses.values("street_number", "zip")
    by_place = models.Q(
        addresses__street_number__in=[place["street_number"] for place in places],
        addresses__zip__in=[place["zip"] for place in places],
    )
    shares = models.Q(phones__e164__in=numbers) | by_place
    if customer.dob_hmac:
        shares |= models.Q(dob_hmac=customer.dob_hmac)
    found = same_name.filter(shares).order_by("pk").values_list("pk", flat=True).distinct()
    return tuple(found[:limit])
