"""Who may be calling: a number, a name, the end of a VIN -> customers and their cars.

Rules: a lookup is one SQL statement whose JSON PostgreSQL builds itself (building
rows into models costs more than the query); the live call reads through the cache and
asks without any thread (`crm.async_sql`). A card is for code to decide with: nothing
of it may be said before the caller is verified, and its `repr` shows ids only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import orjson
from django.db import connection

from crm import async_sql, cache
from crm.names import name_key, name_matches
from crm.phones import to_e164


@dataclass(frozen=True, slots=True)
class VehicleCard:
    """An active car. `odometer` is in miles, None where not known.

    Cards are cached: nothing that proves who somebody is may be in them.
    """

    vehicle_id: int
    year: int = field(repr=False)
    make: str = field(repr=False)
    model: str = field(repr=False)
    trim: str = field(repr=False)
    odometer: int | None = field(repr=False)

    @property
    def spoken_name(self) -> str:
        """Year, make and model."""
        return f"{self.year} {self.make} {self.model}"


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer and their active cars, oldest row first."""

    customer_id: int
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    language: str
    vehicles: tuple[VehicleCard, ...]


_CARDS = """
select coalesce(jsonb_agg(jsonb_build_object(
           'id', c.id, 'first', c.first_name, 'last', c.last_name, 'language', c.language,
           'vehicles', (
               select coalesce(jsonb_agg(jsonb_build_array(
                          v.id, v.year, v.make, v.model, v.trim, v.odometer)
                          order by v.id), '[]')
               from crm_vehicle v where v.owner_id = c.id and v.active)
       ) order by c.id), '[]')::text
from crm_customer c where c.id {who}
"""
_BY_PHONE = _CARDS.replace(
    "{who}", "in (select customer_id from crm_customerphone where e164 = %s)"
)
_BY_IDS = _CARDS.replace("{who}", "= any(%s)")
_BY_VIN = _CARDS.replace(
    "{who}", "in (select owner_id from crm_vehicle where vin_last6 = %s and active limit 20)"
)
_IDS_BY_NAME = "select id from crm_customer where name_key = %s order by id limit %s"
_IDS_LIKE_NAME = """
select id from crm_customer where name_key %% %s
order by similarity(name_key, %s) desc, id limit %s
"""


def find_customers(phone_e164: str) -> tuple[CustomerCard, ...]:
    """Everybody with this number, through the cache; nobody for what is no number."""
    phone = to_e164(phone_e164)
    if phone is None:
        return ()
    return parse_cards(cache.read_through(phone, lambda: _load(_BY_PHONE, phone)))


async def afind_customers(phone_e164: str) -> tuple[CustomerCard, ...]:
    """`find_customers` inside a live call's event loop."""
    phone = to_e164(phone_e164)
    if phone is None:
        return ()
    load = partial(async_sql.fetch_text, _BY_PHONE, [phone])
    return parse_cards(await cache.aread_through(phone, load))


def warm(phone_e164: str) -> None:
    """Have a number's customers at hand before anybody waits for them."""
    phone = to_e164(phone_e164)
    if phone is not None:
        cache.warm(phone, lambda: _load(_BY_PHONE, phone))


def load_cards(
    customer_ids: Sequence[int], *, phone_e164: str | None = None
) -> tuple[CustomerCard, ...]:
    """The cards of these customers.

    `phone_e164` is the number they are calling from, where there is one: its cards are
    cached, and the database is asked only for customers who aren't among them.
    """
    wanted = set(customer_ids)
    if phone_e164:
        found = tuple(card for card in find_customers(phone_e164) if card.customer_id in wanted)
        if len(found) == len(wanted):
            return found
    return parse_cards(_load(_BY_IDS, list(customer_ids)))


def find_named(said: str, *, phone_e164: str) -> tuple[CustomerCard, ...]:
    """Those of a number's customers whose name this can be."""
    return tuple(
        card
        for card in find_customers(phone_e164)
        if name_matches(said, card.first_name, card.last_name)
    )


def find_by_name(first: str, last: str, *, limit: int = 20) -> tuple[CustomerCard, ...]:
    """Customers of this name whatever their number: exact key first, else by trigrams."""
    wanted = name_key(first, last)
    if not wanted:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_IDS_BY_NAME, [wanted, limit])
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            cursor.execute(_IDS_LIKE_NAME, [wanted, wanted, limit])
            ids = [row[0] for row in cursor.fetchall()]
    return tuple(
        card
        for card in load_cards(ids)
        if name_matches(f"{first} {last}", card.first_name, card.last_name)
    )


def find_by_vin_last6(vin_last6: str) -> tuple[CustomerCard, ...]:
    """Owners of active cars whose VIN ends so; 20 at most."""
    wanted = vin_last6.strip().upper()
    return parse_cards(_load(_BY_VIN, wanted)) if len(wanted) == 6 else ()


def parse_cards(raw: bytes) -> tuple[CustomerCard, ...]:
    """Cards from the JSON that the statements above build."""
    return tuple(
        CustomerCard(
            customer_id=row["id"],
            first_name=row["first"],
            last_name=row["last"],
            language=row["language"],
            vehicles=tuple(VehicleCard(*vehicle) for vehicle in row["vehicles"]),
        )
        for row in orjson.loads(raw)
    )


def _load(statement: str, value: str | list[int]) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        row = cursor.fetchone()
    return str(row[0]).encode()
