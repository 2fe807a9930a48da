"""Reading the schedule: openings for a wish, a customer's visits, a visit by its reference.

Rules of this module: nothing here writes; a customer's visits are only found through the
customer; a reference alone finds a visit but is no proof of who asks (`crm.verification`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduling import day_sheet, fitting
from scheduling.errors import BadInput, CapReached, NoBayCanDo, WaitNotPossible
from scheduling.models import REFERENCE_ALPHABET, Appointment, Status
from scheduling.openings import Opening, Wish, all_openings, pick_openings
from scheduling.planning import LOANER, WAITER, Job, Rules, can_do, combine

WINDOW_DAYS = 14
"""Days looked at first; the rest of the horizon only when they hold nothing."""
MORE_WINDOWS = 4
DAYS_BEFORE_WISH = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as the agent may know it; `start` and `end` in UTC."""

    appointment_id: int
    ref: str
    customer_id: int
    vehicle_id: int
    vehicle: str
    status: str
    start: datetime
    end: datetime
    visit_type: str
    op_codes: tuple[str, ...]
    services: tuple[str, ...]
    version: int
    promised_at: datetime | None


def find_openings(
    *,
    op_codes: Sequence[str],
    wish: Wish,
    now: datetime,
    exclude_appointment_id: int | None = None,
    own_call_sid: str = "",
    powertrain: str = "",
) -> tuple[Opening, ...]:
    """At most two openings, the nearest to the wish first and one of them the earliest.

    `powertrain` is the car's, empty where it is not known. Empty when the whole horizon holds
    none. Refusals: UnknownService, ServiceNotForCar, NoBayCanDo, BadInput.
    """
    if not op_codes:
        raise BadInput(field="op_codes")
    today = now.astimezone(day_sheet.shop_zone()).date()
    horizon: date | None = None
    for first, last in _windows(wish, today):
        if horizon is not None and first > horizon:
            continue
        shop = day_sheet.load(
            first_day=first,
            last_day=last,
            op_codes=op_codes,
            now=now,
            exclude_appointment_id=exclude_appointment_id,
            own_call_sid=own_call_sid,
        )
        fitting.check(shop.ops, powertrain)
        job, rules = combine(shop.ops), shop.rules
        if not any(can_do(bay, job) for bay in shop.sheets[0].bays):
            raise NoBayCanDo(op_codes=list(op_codes))
        check_visit_type(job, wish.visit_type, rules)
        found = all_openings(shop.sheets, job, wish, rules, now)
        if found:
            return pick_openings(found, wish, rules.zone)
        horizon = today + timedelta(days=rules.horizon_days)
    return ()


def check_visit_type(job: Job, visit_type: str, rules: Rules) -> None:
    """Refuse what no day could give: waiting for long work, a loaner car for short work."""
    told = job.visit_min
    if visit_type == WAITER and not (
        job.waiter_ok and told is not None and told <= rules.waiter_max_visit_min
    ):
        raise WaitNotPossible(visit_min=told)
    if visit_type == LOANER and told is not None and told < rules.loaner_min_visit_min:
        raise CapReached(limit="loaners", visit_min=told)


def _windows(wish: Wish, today: date) -> Iterator[tuple[date, date]]:
    """Stretches of days to look at, one after the other until something is found.

    The first lies around the wished days and never before today; then what follows it,
    and at last what comes before it.
    """
    asked = wish.day or (wish.earliest.date() if wish.earliest else today)
    first = max(today, asked - timedelta(days=DAYS_BEFORE_WISH))
    span = timedelta(days=WINDOW_DAYS - 1)
    last = max(first + span, min(wish.last_day or first, first + 2 * span))
    yield first, last
    for n in range(MORE_WINDOWS):
        since = last + timedelta(days=1 + n * WINDOW_DAYS)
        yield since, since + span
    if first > today:
        yield today, first - timedelta(days=1)


def upcoming(customer_id: int, now: datetime) -> tuple[Visit, ...]:
    """The customer's visits that are still to come or under way, soonest first."""
    rows = (
        Appointment.objects.filter(customer_id=customer_id, end__gt=now)
        .exclude(status__in=(Status.CANCELLED, Status.NO_SHOW, Status.COMPLETED))
        .select_related("vehicle")
        .prefetch_related("services__op")
    )
    return tuple(_visit(row) for row in rows.order_by("start"))


def by_reference(ref: str) -> Visit | None:
    """The visit with this reference, as spoken or typed ("k7 m4-q2"); None when there is none."""
    plain = "".join(char for char in ref[:40].upper() if char.isalnum())
    if len(plain) != 6 or set(plain) - set(REFERENCE_ALPHABET):
        return None
    row = (
        Appointment.objects.filter(ref=plain)
        .select_related("vehicle")
        .prefetch_related("services__op")
        .first()
    )
    return _visit(row) if row else None


def _visit(row: Appointment) -> Visit:
    """A row as the facts that leave this module."""
    lines = list(row.services.all())
    return Visit(
        appointment_id=row.pk,
        ref=row.ref,
        customer_id=row.customer_id,
        vehicle_id=row.vehicle_id,
        vehicle=f"{row.vehicle.year} {row.vehicle.make} {row.vehicle.model}",
        status=row.status,
        start=row.start,
        end=row.end,
        visit_type=row.visit_type,
        op_codes=tuple(line.op_id for line in lines),
        services=tuple(line.op.spoken_name for line in lines),
        version=row.version,
        promised_at=row.promised_at,
    )
