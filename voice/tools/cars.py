"""Cars and their history, for who has proved to be the owner; new records for who is new.

Rules: a car is told by year, make and model, never by VIN or plate; of a history the
date and what was done, never what it cost.
"""

from crm import history, records
from scheduling import menu
from scheduling import visits as schedule
from voice.dialogue import spoken
from voice.tools.arguments import (
    CreateCustomer,
    CreateVehicle,
    GetServiceHistory,
    GetVehicleInfo,
    ServiceStatus,
)
from voice.tools.frame import Frame
from voice.tools.identity import load_record
from voice.tools.outcome import ToolOutcome, done, refused

_STATUS_WORDS = {
    "checked_in": "checked in and waiting for its turn",
    "in_service": "being worked on",
    "ready": "ready for pickup",
}


def get_vehicle_info(frame: Frame, wanted: GetVehicleInfo) -> ToolOutcome:
    """Year, make, model, and at most one thing that is due."""
    car = frame.context.car(wanted.car)
    if car is None:
        return refused(frame.context, "unknown_handle")
    due = menu.due_items(car.vehicle_id, frame.now)
    names = menu.spoken_names([due[0].op_code]) if due else ()
    return done(frame.context, car=car.label, due=names[0] if names else None)


def get_service_history(frame: Frame, wanted: GetServiceHistory) -> ToolOutcome:
    """The last visits: when and what was done; one due item, said once, as information."""
    car = frame.context.car(wanted.car)
    if car is None:
        return refused(frame.context, "unknown_handle")
    visits = [v for v in history.service_history(car.vehicle_id, limit=3) if v.performed]
    if not visits:
        return done(
            frame.context, visits=[], spoken=f"I don't see earlier visits for the {car.label}."
        )
    last = visits[0]
    day = frame.local(last.opened_at).date()
    what = spoken.say_list([_plain(line.description) for line in last.performed[:2]])
    told = f"The {car.short} was last in on {spoken.say_date(day, frame.today)}, for {what}."
    due = menu.due_items(car.vehicle_id, frame.now)
    names = menu.spoken_names([due[0].op_code]) if due else ()
    if names:
        told += f" It's due for {spoken.with_article(names[0])}."
    return done(
        frame.context,
        spoken=told,
        visits=[
            {
                "date": frame.local(v.opened_at).date().isoformat(),
                "done": [_plain(line.description) for line in v.performed[:4]],
            }
            for v in visits
        ],
        due=names[0] if names else None,
    )


def _plain(text: str) -> str:
    """Text from the record is quoted as data: short, one line, words only."""
    words = "".join(c if c.isalnum() or c in " -&/" else " " for c in text)
    return " ".join(words.split())[:60].lower()


def service_status(frame: Frame, wanted: ServiceStatus) -> ToolOutcome:
    """How far the work is, and the promised time; nothing else."""
    context = frame.context
    assert context.customer_id is not None
    here = [
        v for v in schedule.upcoming(context.customer_id, frame.now) if v.status in _STATUS_WORDS
    ]
    if not here:
        return refused(context, "not_here")
    visit = here[0]
    told = f"The {visit.vehicle} is {_STATUS_WORDS[visit.status]}."
    if visit.promised_at and visit.status != "ready":
        told += f" It's promised for {spoken.say_time(frame.local(visit.promised_at).time())}."
    elif visit.status != "ready":
        told += " There's no finish time yet."
    return done(context, status=visit.status, spoken=told)


def create_customer(frame: Frame, wanted: CreateCustomer) -> ToolOutcome:
    """A record for somebody new; one per call."""
    context = frame.context
    if context.customer_id is not None:
        return refused(context, "has_record")
    if not context.contact_number:
        return refused(context, "number_missing")
    made = records.create_customer(
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        phone=context.contact_number,
        language=context.language,
        origin="phone",
        now=frame.now,
    )
    return done(frame.with_context(customer_id=made.pk, customer_is_new=True).context)


def create_vehicle(frame: Frame, wanted: CreateVehicle) -> ToolOutcome:
    """A car on the caller's own record."""
    context = frame.context
    if context.customer_id is None:
        return refused(context, "no_record")
    car = wanted.car
    records.add_vehicle(
        customer_id=context.customer_id,
        year=car.year,
        make=car.make,
        model=car.model,
        now=frame.now,
    )
    return done(load_record(frame).context, car=f"{car.year} {car.make} {car.model}")
