"""Questions about the shop, prices, the state of a car; messages and people.

Rules: pure. Domain section 4.4. Answers come from tools word for word; what no tool
knows is not answered but passed on to a person.
"""

from dataclasses import replace

from voice.dialogue import spoken
from voice.dialogue.local.asking import ask
from voice.dialogue.local.handing import to_person
from voice.dialogue.local.turn import Plan, Turn, use


def price_of_what(turn: Turn) -> Plan | None:
    """The service whose price is wanted."""
    return None if turn.talk.need.op_codes else ask(turn, "service_price")


def look_up_price(turn: Turn) -> Plan | None:
    """Ask the menu."""
    return use(turn, "quote_price", service=turn.talk.need.op_codes[0])


def time_of_what(turn: Turn) -> Plan | None:
    """The service whose length is wanted."""
    return None if turn.talk.need.op_codes else ask(turn, "service_time")


def tell_duration(turn: Turn) -> Turn:
    """How long the visit takes, as the menu has it."""
    facts = [turn.knowledge.services[code] for code in turn.talk.need.op_codes]
    if any(fact.visit_min is None for fact in facts):
        told = "You'd drop the car off for that, and we'd call you by the end of the day."
    else:
        minutes = sum(fact.visit_min or 0 for fact in facts)
        told = f"Plan on about {spoken.say_duration(minutes)}."
    return turn.saying(told).done()


def call_back_sure(turn: Turn) -> Plan | None:
    """What nobody here knows is passed on, if the caller wants it passed on."""
    return ask(turn, "call_back_sure")


def what_to_wait_for(turn: Turn) -> Turn | None:
    """Who has a visit waits for an earlier one of the same kind."""
    if turn.talk.need.op_codes or len(turn.context.visits) != 1:
        return None
    visit = turn.context.visits[0]
    car = next((c.handle for c in turn.context.cars if c.vehicle_id == visit.vehicle_id), "")
    return turn.at(need=replace(turn.talk.need, op_codes=visit.op_codes, choices=()), car=car)


def topic_at_all(turn: Turn) -> Plan | None:
    """What they would like to know."""
    return None if turn.talk.topic else ask(turn, "topic")


def look_up_topic(turn: Turn) -> Plan | None:
    """Ask what the shop says about it."""
    return use(turn, "shop_info", topic=turn.talk.topic[:400])


def look_up_status(turn: Turn) -> Plan | None:
    """Ask how far the work is."""
    return use(turn, "service_status")


def car_of_history(turn: Turn) -> Plan | None:
    """Whose history: one car is taken as it is."""
    cars = turn.context.cars
    if turn.talk.car or len(cars) < 2:
        return None
    named = f", the {cars[0].short} or the {cars[1].short}" if len(cars) == 2 else ""
    return ask(turn, "history_car", cars=named)


def look_up_history(turn: Turn) -> Plan | None:
    """Ask for the last visit."""
    car = turn.talk.car or (turn.context.cars[0].handle if turn.context.cars else "")
    if not car:
        return ask(turn, "more", before="I don't see a car on the account.")
    return use(turn, "get_service_history", car=car)


def other_department(turn: Turn) -> Turn:
    """Sales, parts, finance and the like are not ours: a message, not improvisation."""
    told = "That's another department, so I'll take a message for them."
    return turn.at(goal="message", topic="other_department").saying(told)


def recall_first(turn: Turn) -> Plan:
    """Whether a campaign is open is checked against the exact VIN; a visit can be booked."""
    told = "There may be campaigns; the advisor checks your exact VIN."
    need = replace(turn.talk.need, op_codes=("RECALL",), choices=(), concern="recall")
    return ask(turn.at(need=need), "recall_visit", before=told)


def what_message(turn: Turn) -> Plan | None:
    """What to pass on."""
    return None if turn.talk.message else ask(turn, "message")


def number_for_message(turn: Turn) -> Plan | None:
    """A number to call back, where the line gives none."""
    return None if turn.context.contact_number else ask(turn, "message_number")


def leave_message(turn: Turn) -> Plan | None:
    """Write it down for the desk; the tool says when somebody calls back."""
    reason = turn.talk.topic if turn.talk.topic in _REASONS else "callback"
    return use(turn, "take_message", reason=reason, message=turn.talk.message[:400], urgent=False)


_REASONS = frozenset({"callback", "complaint", "status", "privacy", "other_department", "concern"})


def which_person(turn: Turn) -> Plan | None:
    """The first wish for a person is asked what it is about, only to route it."""
    if turn.context.person_asked > 1 or turn.talk.topic:
        return None
    return ask(turn, "route")


def connect(turn: Turn) -> Plan | None:
    """Hand over."""
    return to_person(turn, "asked")


def anything_else(turn: Turn) -> Plan | None:
    """The end of every wish."""
    return ask(turn, "more")


def how_can_i_help(turn: Turn) -> Plan | None:
    """Nothing is wanted yet."""
    return ask(turn, "goal")


def waitlist(turn: Turn) -> Plan | None:
    """Asked for when nothing fits."""
    wish = turn.talk.wish
    return use(
        turn,
        "join_waitlist",
        services=list(turn.talk.need.op_codes),
        car=turn.talk.car or None,
        first_day=wish.first_day and wish.first_day.isoformat(),
        last_day=wish.last_day and wish.last_day.isoformat(),
    )


def say_price(service: str, kind: str, cents: int, note: str) -> str:
    """A price by the price rule: `from` is never a total, a diagnosis fee is credited."""
    name = service[:1].upper() + service[1:]
    money = spoken.say_money(cents)
    if kind == "from":
        extra = f", {note}" if note else ""
        starts = "start" if spoken.is_plural(service) else "starts"
        return (
            f"{name} {starts} at {money} plus tax{extra}. The advisor gives you a written estimate."
        )
    if cents == 0:
        return f"There's no charge for the {service}."
    if kind == "diag":
        return f"{name} is {money}, credited toward the repair."
    verb = "are" if spoken.is_plural(service) else "is"
    return f"{name} {verb} {money} plus tax."
