"""What code says around a write: the read-back before it and the receipt after it.

Rules: pure. A read-back names every value that will be written, and the question
comes after them, so that "heard in full" can mean the values. Receipts state what
the database now holds, nothing more.
"""

from datetime import date, datetime

from voice.dialogue import spoken


def when(start: datetime, today: date) -> str:
    """A local start: "Tuesday, November twenty-fourth at nine thirty A M"."""
    return spoken.say_when(start, today)


def booking(
    *,
    services: str,
    car: str,
    start: datetime,
    today: date,
    waiting: bool,
    ride: str,
    name: str,
    phone: str,
) -> tuple[str, str]:
    """The read-back of a booking and the part of it that must be heard."""
    how = ", while you wait" if waiting else _RIDES.get(ride, "")
    who = f", for {name}" if name else ""
    reach = (
        f", and we'll reach you at the number ending {spoken.say_last_four(phone)}" if phone else ""
    )
    heard = f"So that's {spoken.with_article(services)} for the {car}, {when(start, today)}{how}{who}{reach}."
    return f"{heard} Is that right?", heard


_RIDES = {"shuttle": ", with a shuttle ride", "loaner": ", with a loaner car"}


def move(*, car: str, old: datetime, new: datetime, today: date) -> tuple[str, str]:
    """The read-back of a move."""
    heard = f"I'd move the {car} from {when(old, today)} to {when(new, today)}."
    return f"{heard} Is that right?", heard


def cancellation(*, car: str, start: datetime, today: date) -> tuple[str, str]:
    """The read-back of a cancellation."""
    heard = f"So I'd cancel {when(start, today)} for the {car}."
    return f"{heard} Is that right?", heard


def confirmation(*, car: str, start: datetime, today: date) -> tuple[str, str]:
    """The read-back of a confirmation."""
    heard = f"You're booked {when(start, today)} for the {car}."
    return f"{heard} Will you make it?", heard


def booked(*, start: datetime, today: date, reference: str, new: bool) -> str:
    """The receipt of a booking."""
    bring = " Please bring your registration." if new else ""
    return (
        f"You're all set for {when(start, today)}. "
        f"Your reference is {spoken.say_reference(reference)}.{bring}"
    )


def moved(*, start: datetime, today: date) -> str:
    """The receipt of a move."""
    return f"Done. You're now booked {when(start, today)}, with the same reference."


def cancelled(*, start: datetime, today: date) -> str:
    """The receipt of a cancellation."""
    day = when(start, today)
    return f"Done. {day[:1].upper()}{day[1:]} is cancelled."


def confirmed(*, start: datetime, today: date) -> str:
    """The receipt of a confirmation."""
    return f"Thank you, you're confirmed for {when(start, today)}."


def callback(*, due: datetime, today: date) -> str:
    """When somebody will call back."""
    return f"I've passed that on. Somebody will call you back by {when(due, today)}."
