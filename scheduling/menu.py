"""Reading the service menu: what there is, what it takes, what may be said about its price.

Rules of this module: a fixed price and a diagnosis fee may be quoted; a price that "starts
at" is said as that and nothing is ever added up or discounted. Whoever words a quote has
its kind and facts here and no other source.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm import history
from scheduling.errors import UnknownService
from scheduling.fitting import powertrain_of
from scheduling.models import ServiceOp


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One service; minutes, miles, months. `visit_min` None: ready by the end of the day."""

    op_code: str
    name: str
    spoken_name: str
    aliases: tuple[str, ...]
    bay_min: int
    visit_min: int | None
    waiter_ok: bool
    interval_miles: int | None
    interval_months: int | None


@dataclass(frozen=True, slots=True)
class Quote:
    """What may be said about a price.

    `kind` is "fixed", "from" or "diag" (a fee that is credited towards the repair); `cents`
    without tax; `note` what comes on top of it, such as "plus tires"; `estimate` says that an
    advisor's written estimate has to be mentioned.
    """

    op_code: str
    spoken_name: str
    kind: str
    cents: int
    note: str
    estimate: bool


def items() -> tuple[MenuItem, ...]:
    """The whole menu, in the shop's order."""
    return tuple(_item(op) for op in ServiceOp.objects.filter(active=True))


def item(op_code: str) -> MenuItem:
    """One service; UnknownService when it is not on the menu."""
    return _item(_find(op_code))


def quote(op_code: str) -> Quote:
    """What may be said about a service's price; UnknownService when it is not on the menu."""
    return _quote(_find(op_code))


def quotes() -> dict[str, Quote]:
    """What may be said about the price of each service on the menu, by its code."""
    return {op.op_code: _quote(op) for op in ServiceOp.objects.filter(active=True)}


def _quote(op: ServiceOp) -> Quote:
    """A row's price as it may be said."""
    return Quote(
        op_code=op.op_code,
        spoken_name=op.spoken_name,
        kind=op.price_kind,
        cents=op.price_cents,
        note=op.price_note,
        estimate=op.price_kind == "from",
    )


def spoken_names(op_codes: Iterable[str]) -> tuple[str, ...]:
    """What the agent calls these services, in their order."""
    codes = tuple(op_codes)
    found = ServiceOp.objects.in_bulk(codes)
    return tuple(found[code].spoken_name for code in codes if code in found)


def due_items(vehicle_id: int, now: datetime) -> tuple[history.DueItem, ...]:
    """What is due for a car by the menu's own intervals, the most overdue first."""
    return history.due_items(vehicle_id, now, intervals=intervals_for(powertrain_of(vehicle_id)))


def intervals_for(powertrain: str) -> dict[str, history.Interval]:
    """The menu's intervals as far as they go for a car of that powertrain.

    Services that do for one another, such as the oil changes, come round as one: the usual one
    of them, or the first that this car can have.
    """
    fitting = {
        op.op_code: op
        for op in ServiceOp.objects.filter(active=True)
        if (op.interval_miles or op.interval_months)
        and (not powertrain or not op.powertrains or powertrain in op.powertrains)
    }
    found: dict[str, history.Interval] = {}
    for usual, known in history.USUAL_INTERVALS.items():
        code = next((one for one in (usual, *known.done_by) if one in fitting), None)
        if code is not None:
            found[code] = _interval(fitting[code], known.done_by)
    families = {code for known in history.USUAL_INTERVALS.values() for code in known.done_by}
    own = (op for code, op in fitting.items() if code not in families)
    return found | {op.op_code: _interval(op, (op.op_code,)) for op in own}


def _interval(op: ServiceOp, done_by: tuple[str, ...]) -> history.Interval:
    return history.Interval(op.interval_miles, op.interval_months, done_by)


def _find(op_code: str) -> ServiceOp:
    """An active service by its code."""
    plain = op_code.strip().upper()
    op = None
    if plain and len(plain) <= 12 and "\x00" not in plain:
        op = ServiceOp.objects.filter(op_code=plain, active=True).first()
    if op is None:
        raise UnknownService(op_code=op_code[:12])
    return op


def _item(op: ServiceOp) -> MenuItem:
    """A row as the facts that leave this module."""
    return MenuItem(
        op_code=op.op_code,
        name=op.name,
        spoken_name=op.spoken_name,
        aliases=tuple(op.aliases),
        bay_min=op.bay_min,
        visit_min=op.visit_min,
        waiter_ok=op.waiter_ok,
        interval_miles=op.interval_miles,
        interval_months=op.interval_months,
    )
