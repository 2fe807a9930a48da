"""Conduct a seeding run: people and cars in chunks, then the visits day by day.

Rules: one run at a time (an advisory lock); a chunk is complete in itself and committed,
so a million customers need no more memory than a few thousand; a run that is broken off
leaves only marked rows, which `wipe` removes. Data that isn't ours is never touched: `seed`
refuses to start beside it unless told to, and `wipe` only takes away what seeding made.
"""

import datetime as dt
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from crm import cache
from crm.dependents import delete_where
from crm.errors import Refusal
from crm.models import ConsentEvent, Customer, DoNotCall, ServiceRecord, Vehicle
from crm.names import name_key
from crm.sealing import fingerprint, seal
from scheduling.models import Advisor, Appointment, Bay, BusinessHours, Closure, ServiceOp
from scheduling.seeding.cars import Car, make_car
from scheduling.seeding.draws import pick, whole
from scheduling.seeding.menu import Menu
from scheduling.seeding.past import RepairOrders, earlier_days, opening_hour
from scheduling.seeding.people import Numbers, Person, Pools, make_people, make_pools
from scheduling.seeding.rows import Writer, ids
from scheduling.seeding.shopdays import PAST_WEEKS, Calendar, Day, public_holidays
from scheduling.seeding.tables import Tables
from scheduling.seeding.visits import Fleet, Visits

CHUNK: Final = 2_500
"""Customers written at once."""
CHUNK_DAYS: Final = 60
_LOCK: Final = 0x5EED
_CARS_EACH: Final = ((1, 55), (2, 32), (3, 11), (4, 2))
_SEEDED: Final = " (seeded)"
WORDING: Final = (
    "May we call or text this number with reminders, using our automated assistant? Yes."
)

Report = Callable[[str, int, int], None]
"""Told (what, done so far, of how many)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for."""

    customers: int = 10_000
    vehicles: int = 16_000
    appointments: int = 8_000
    seed: int = 1
    today: dt.date = dt.date.min


@dataclass(frozen=True, slots=True)
class Done:
    """What was made, in rows."""

    customers: int
    vehicles: int
    appointments: int
    rows: int


class SeedRefused(Refusal):
    """`code`: not_empty, not_ours, already_running, impossible_sizes."""


def seed(
    plan: Plan,
    report: Report = lambda _what, _done, _of: None,
    *,
    beside_others: bool = False,
) -> Done:
    """Make what `plan` asks for. Raises `SeedRefused` and writes nothing where it may not.

    `beside_others` allows data that somebody else made to be there; it stays as it is.
    """
    if (
        min(plan.customers, plan.vehicles, plan.appointments) < 0
        or (plan.appointments and not plan.vehicles)
        or (plan.vehicles and not plan.customers)
    ):
        raise SeedRefused("impossible_sizes")
    with _alone():
        _refuse_unless_empty(beside_others=beside_others)
        _ensure_shop()
        done = _Run(plan, report).run()
        _analyse()
    cache.forget_everything()
    return done


def wipe() -> int:
    """Take away every seeded row and what hangs from it; answers how many customers went.

    A visit that was booked for a made-up customer goes with them.
    """
    with _alone(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local crm.erasing = 'on'")
        ours = sql.SQL("origin = 'seed'")
        delete_where(Appointment, sql.SQL("source = 'seed'"))
        delete_where(ServiceRecord, ours)
        gone = delete_where(Customer, ours)
        delete_where(Vehicle, ours)
        delete_where(ConsentEvent, ours)
        delete_where(DoNotCall, ours)
        Closure.objects.filter(reason__endswith=_SEEDED).delete()
        Bay.objects.filter(name__endswith=_SEEDED, reservations=None).delete()
    cache.forget_everything()
    return gone


def is_empty() -> bool:
    """True where there are no customers and no appointments at all."""
    return not (Customer.objects.exists() or Appointment.objects.exists())


class _Run:
    """One run: its random numbers, buffers and what is known of the shop."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self.plan, self.report = plan, report
        self.zone = ZoneInfo(settings.SHOP_TIMEZONE)
        # Noon, so that what is under way today doesn't depend on the hour of seeding.
        noon = dt.datetime.combine(plan.today, dt.time(12), self.zone)
        self.now = noon.astimezone(dt.UTC)
        self.tables = Tables()
        self.menu = Menu(
            list(ServiceOp.objects.filter(active=True)), list(Bay.objects.filter(active=True))
        )
        self.advisors = tuple(Advisor.objects.filter(active=True).values_list("id", "name"))
        self.orders = RepairOrders(
            self.tables, self.menu, ids(ServiceRecord), tuple(name for _, name in self.advisors)
        )
        self.fleet = Fleet()
        self.writer = Writer()

    def run(self) -> Done:
        self._close_on_holidays()
        self.calendar = Calendar(self.zone)
        try:
            self._people_and_cars()
            visits = self._visits()
            self.writer.wait()
        finally:
            self.writer.close()
        return Done(self.plan.customers, self.plan.vehicles, visits, self.writer.rows)

    def _write(self) -> None:
        self.writer.write(self.tables.take())

    # ---- people and cars -------------------------------------------------------------------
    def _people_and_cars(self) -> None:
        plan = self.plan
        pools = make_pools(plan.seed)
        numbers = Numbers(plan.seed, wanted=int(plan.customers * 1.05))
        cars_each = _cars_each(plan)
        customer_ids, vehicle_ids = ids(Customer), ids(Vehicle)
        index = 0
        for start in range(0, plan.customers, CHUNK):
            random = Random(f"people:{plan.seed}:{start}")
            size = min(CHUNK, plan.customers - start)
            for n, person in enumerate(self._chunk(pools, numbers, random, size), start):
                customer_id = next(customer_ids)
                self._add_person(customer_id, person, random)
                for _ in range(cars_each[n]):
                    car = make_car(random=random, index=index, today=plan.today)
                    self._add_car(next(vehicle_ids), customer_id, person, car, random)
                    index += 1
            self._write()
            self.report("customers and cars", start + size, plan.customers)

    def _chunk(self, pools: Pools, numbers: Numbers, random: Random, size: int) -> Iterator[Person]:
        return make_people(
            pools=pools, numbers=numbers, random=random, count=size, today=self.plan.today
        )

    def _add_person(self, customer_id: int, person: Person, random: Random) -> None:
        tables, since = self.tables, opening_hour(random, person.known_since, self.zone)
        birth = person.dob.isoformat()
        tables.customers.rows.append(
            (
                customer_id, person.first, person.last, name_key(person.first, person.last),
                seal(birth), fingerprint(birth), person.email, person.language,
                person.preference, person.notes, "seed", since,
            )
        )  # fmt: skip
        for rank, number in enumerate(person.numbers):
            kind = "mobile" if rank == 0 else pick(random, ("home", "work"))
            tables.phones.rows.append((customer_id, number, kind, rank == 0))
        tables.addresses.rows.append((customer_id, *person.address))
        if person.contact:
            tables.contacts.rows.append((customer_id, person.contact, "", random.random() < 0.7))
        if person.numbers and not person.shares_number:
            self._add_consent(person, since)

    def _add_consent(self, person: Person, at: dt.datetime) -> None:
        number = person.numbers[0]
        rows = self.tables.consents.rows
        for channel, granted in (("voice_ai", person.voice_consent), ("sms", person.sms_consent)):
            if granted:
                rows.append((number, channel, "service_info", True, WORDING, "", at, "seed"))
        if person.do_not_call:
            later = min(at + dt.timedelta(days=30), self.now)
            self.tables.refusals.rows.append((number, later, "Asked at the desk.", "", "seed"))
            for channel in ("voice_ai", "sms"):
                rows.append(
                    (number, channel, "service_info", False, "Stop calling.", "", later, "seed")
                )

    def _add_car(
        self, vehicle_id: int, customer_id: int, person: Person, car: Car, random: Random
    ) -> None:
        today = self.plan.today
        since = max(person.known_since, car.built + dt.timedelta(days=30))
        self.fleet.add(vehicle_id, customer_id, car, min(since, today))
        self.tables.vehicles.rows.append(
            (
                vehicle_id, customer_id, car.vin, car.vin[-6:], car.year, car.make, car.model,
                car.trim, car.plate, self._miles(today), car.powertrain, True, "seed",
            )
        )  # fmt: skip
        before = today - dt.timedelta(weeks=PAST_WEEKS)
        for day in earlier_days(random, since=since, before=before):
            if not self.calendar.is_open(day):
                continue
            opened = opening_hour(random, day, self.zone)
            job = self.menu.draw(random, car.powertrain)
            self.orders.add(
                random,
                vehicle_id=vehicle_id,
                ops=job.ops,
                opened_at=opened,
                closed_at=opened + dt.timedelta(minutes=job.work_min + whole(random, 20, 90)),
                odometer=self._miles(day),
            )

    def _miles(self, day: dt.date) -> int:
        """Of the car that was added last: from the fleet, so that every reading agrees."""
        return self.fleet.odometer(len(self.fleet.ids) - 1, day)

    # ---- visits -----------------------------------------------------------------------------
    def _visits(self) -> int:
        plan = self.plan
        if not plan.appointments:
            return 0
        visits = Visits(
            tables=self.tables,
            fleet=self.fleet,
            menu=self.menu,
            orders=self.orders,
            visit_ids=ids(Appointment),
            advisors=tuple(pk for pk, _ in self.advisors),
            random=Random(f"visits:{plan.seed}"),
            today=plan.today,
            now=self.now,
        )
        shares = self.calendar.shares(today=plan.today, visits=plan.appointments)
        bays = _branches(max(share.branch for share in shares))
        made, owed = 0, 0
        days = []
        for n, share in enumerate(shares, 1):
            hours = self.calendar.hours[share.date.weekday()]
            day = Day(share.date, hours, self.calendar.rules, bays[share.branch])
            filled = visits.fill(day, share.visits + owed)
            made, owed = made + filled, share.visits + owed - filled
            days.append(day)
            if n % CHUNK_DAYS == 0 or n == len(shares):
                if n == len(shares):
                    made += _make_room(visits, days, owed)
                self._write()
                self.report("appointments", made, plan.appointments)
                days = days[-CHUNK_DAYS:]
        return made

    # ---- the shop -----------------------------------------------------------------------------
    def _close_on_holidays(self) -> None:
        """Public holidays of this year and the next that nobody has entered yet."""
        today = self.plan.today
        for year in (today.year - 1, today.year, today.year + 1):
            for day, name in public_holidays(year).items():
                if not Closure.objects.filter(first_day__lte=day, last_day__gte=day).exists():
                    Closure.objects.create(first_day=day, last_day=day, reason=f"{name}{_SEEDED}")


def _branches(last: int) -> list[dict[int, int]]:
    """The bays of each branch by those of the open shop; new ones are made, closed to bookings."""
    ours = list(Bay.objects.filter(active=True))
    branches: list[dict[int, int]] = [{}]
    for number in range(1, last + 1):
        there = Bay.objects.bulk_create(
            Bay(
                name=f"Branch {number}, {bay.name}"[: 40 - len(_SEEDED)] + _SEEDED,
                lanes=bay.lanes, skill=bay.skill, active=False, position=bay.position,
            )
            for bay in ours
        )  # fmt: skip
        branches.append({bay.pk: copy.pk for bay, copy in zip(ours, there, strict=True)})
    return branches


def _make_room(visits: Visits, days: list[Day], owed: int) -> int:
    """Put what found no room on its own day on any of the last days."""
    made = 0
    for day in days:
        if made < owed:
            made += visits.fill(day, min(owed - made, 6))
    return made


def _cars_each(plan: Plan) -> "array[int]":
    """How many cars each customer has: `plan.vehicles` in all."""
    random = Random(f"cars:{plan.seed}")
    counts, weights = zip(*_CARS_EACH, strict=True)
    out = array("b", random.choices(counts, weights, k=plan.customers))
    difference = plan.vehicles - sum(out)
    while difference:
        n = random.randrange(plan.customers)
        step = 1 if difference > 0 else -1
        crowded = plan.vehicles <= plan.customers * 4 and step > 0 and out[n] >= 4
        if crowded or (step < 0 and out[n] == 0):
            continue
        out[n] += step
        difference -= step
    return out


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the seeding lock for as long as it takes."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise SeedRefused("already_running")
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])


def _refuse_unless_empty(*, beside_others: bool) -> None:
    if Customer.objects.filter(origin="seed").exists():
        raise SeedRefused("not_empty")
    if not beside_others and not is_empty():
        raise SeedRefused("not_ours")


def _ensure_shop() -> None:
    """Menu, hours and bays come from the fixtures where a shop has none yet."""
    if not (ServiceOp.objects.exists() and BusinessHours.objects.exists() and Bay.objects.exists()):
        call_command("loaddata", "shop", "menu", "knowledge", verbosity=0)


def _analyse() -> None:
    """Plans need to know how big the tables have become."""
    with connection.cursor() as cursor:
        for table in Tables().all():
            statement = sql.SQL("analyze {}").format(sql.Identifier(table.model._meta.db_table))
            cursor.execute(statement)
