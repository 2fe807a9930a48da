"""What an answer means, question by question.

Rules: pure. Each question has one function; it returns the turn with the answer
taken in, a Plan where the answer is a tool call, or None where this was no answer
(the caller may have said something else instead, which is taken in elsewhere).
"""

from collections.abc import Callable
from dataclasses import replace

from voice.context import Car, Offer, Visit
from voice.dialogue import heard, spoken
from voice.dialogue.local import cues, who, wishes
from voice.dialogue.local.turn import Plan, Turn, use
from voice.dialogue.local.understand import Understanding
from voice.dialogue.state import Need, SpokenCar, Wish

Answered = Turn | Plan | None
Reader = Callable[[Turn, Understanding], Answered]


def answer(turn: Turn, said: Understanding) -> Answered:
    """The answer to the question that was asked, None where there is none."""
    reader = READERS.get(turn.talk.asked)
    return reader(turn, said) if reader else None


def consumes(asked: str, answered: Answered) -> bool:
    """Whether the answer used up the words: digits of a phone are no time of day."""
    return answered is not None and asked in _CONSUMING


_CONSUMING = who.ASKED | {
    "phone", "spelling", "birth_date", "message_number", "score", "message", "offer", "take_it",
    "phone_this", "which_visit",
}  # fmt: skip


# ---- who ------------------------------------------------------------------------
def _known(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes:
        return turn.at(known=True, asked="")
    if said.no or said.unsure or "first time" in said.text.lower():
        return turn.at(known=False, asked="")
    return None


def _factor(turn: Turn, said: Understanding) -> Answered:
    if (
        not turn.talk.known
        and turn.talk.goal == "book"
        and turn.talk.asked in ("name", "last_name")
    ):
        return _new_name(turn, said)
    plan = who.capture(turn, said)
    if plan is not None:
        return plan
    if said.unsure or (said.no and turn.talk.asked != "name") or _refuses(said):
        return who.declined(turn)
    return None


def _refuses(said: Understanding) -> bool:
    text = said.text.lower()
    return any(
        cue in text
        for cue in ("rather not", "don't want", "won't", "skip", "private", "why do you")
    )


def _new_name(turn: Turn, said: Understanding) -> Answered:
    first, last = said.name
    person = turn.talk.person
    if not first or who.no_name(said):
        return None
    if turn.talk.asked == "last_name" and person.first_name:
        first, last = person.first_name, last or first
    return turn.at(person=replace(person, first_name=first, last_name=last), asked="", tries=0)


def _spelling(turn: Turn, said: Understanding) -> Answered:
    person = turn.talk.person
    spelled = heard.parse_spelling(said.text)
    if spelled:
        return turn.at(person=replace(person, last_name=spelled, spelled=True), asked="")
    if said.name[0] or said.no or said.unsure or turn.talk.tries:
        return turn.at(person=replace(person, spelled=True), asked="")
    return None


def _phone_this(turn: Turn, said: Understanding) -> Answered:
    if said.phone:
        return turn.at(
            person=replace(turn.talk.person, phone=said.phone, phone_agreed=True), asked=""
        )
    if said.no:
        return turn.at(said=turn.talk.said | {"own_number_refused"}, asked="")
    if said.leans_yes:
        return turn.at(person=replace(turn.talk.person, phone_agreed=True), asked="")
    return None


def _phone(turn: Turn, said: Understanding) -> Answered:
    if said.phone:
        return turn.at(
            person=replace(turn.talk.person, phone=said.phone, phone_agreed=True), asked=""
        )
    if turn.context.caller_number and (
        "this" in said.text.lower() or "calling" in said.text.lower()
    ):
        return turn.at(person=replace(turn.talk.person, phone_agreed=True), asked="")
    return None


# ---- which car --------------------------------------------------------------------
def own_car(turn: Turn, said: Understanding) -> str:
    """The handle of the one car of the customer that the words fit, "" for none or several."""
    text = said.text.lower()
    asked = turn.talk.asked.startswith("car") or turn.talk.asked == "history_car"
    car = said.car_guess if asked else said.car
    fitting = [own.handle for own in turn.context.cars if _is(own, car, text)]
    return fitting[0] if len(fitting) == 1 else ""


def _is(own: Car, car: SpokenCar, text: str) -> bool:
    if own.short.lower() in text or (car.model and car.model.lower() == own.model.lower()):
        return car.year in (None, own.year)
    if car.make and not car.model:
        return car.make.lower() == own.make.lower()
    return bool(car.year and not car.make and car.year == own.year)


def _car_this(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes and not said.car.make:
        return turn.at(car=turn.context.cars[0].handle, asked="")
    if said.no and not said.car.make:
        return turn.at(said=turn.talk.said | {"new_car"}, asked="")
    return None


def _car_which(turn: Turn, said: Understanding) -> Answered:
    handle = own_car(turn, said)
    if handle:
        return turn.at(car=handle, spoken_car=SpokenCar(), asked="")
    if said.choice in (1, 2) and len(turn.context.cars) == 2 and not said.car.make:
        return turn.at(car=turn.context.cars[said.choice - 1].handle, asked="")
    if "new" in said.text.lower().split() or said.no:
        return turn.at(said=turn.talk.said | {"new_car"}, asked="")
    return None


def _change_that(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes:
        return turn.at(goal="move", asked="")
    if said.no or "another" in said.text.lower() or "both" in said.text.lower():
        return turn.at(visit="", asked="")
    return None


# ---- what -----------------------------------------------------------------------
def _need(turn: Turn, said: Understanding) -> Answered:
    """Whatever was said is the concern; what no service fits is looked at by a technician."""
    if said.need.op_codes or said.need.choices or said.repeat or said.unsure:
        return None
    if (
        set(said.goals) & {"move", "cancel", "find", "status", "price", "info"}
        or said.answer.value != "unclear"
    ):
        return None
    if len(said.text.split()) < 3 and not turn.talk.tries:
        return None
    if turn.talk.tries and "DIAG-N" in turn.knowledge.services:
        return turn.at(need=Need(op_codes=("DIAG-N",), concern=said.safe[:400]), asked="")
    return None


def _which_service(turn: Turn, said: Understanding) -> Answered:
    choices = turn.talk.need.choices
    picked = [code for code in said.need.op_codes if code in choices]
    if not picked and said.choice in (1, 2) and len(choices) >= said.choice:
        picked = [choices[said.choice - 1]]
    if not picked:
        picked = _named_choice(turn, said)
    if not picked and (said.unsure or said.yes):
        picked = [choices[-1]]
    if not picked:
        return None
    need = replace(turn.talk.need, op_codes=(picked[0],), choices=())
    return turn.at(need=need, asked="")


def _named_choice(turn: Turn, said: Understanding) -> list[str]:
    """A word that only one of the two names holds: "synthetic"."""
    text = set(said.text.lower().replace(",", " ").split())
    names = {
        code: set(turn.knowledge.services[code].spoken.lower().split())
        for code in turn.talk.need.choices
    }
    return [
        code
        for code, words in names.items()
        if text & (words - set().union(*(other for key, other in names.items() if key != code)))
    ]


# ---- when -------------------------------------------------------------------------
def _offer(turn: Turn, said: Understanding) -> Answered:
    offers = turn.context.offers[:2]
    chosen = _chosen(turn, said, offers)
    if chosen:
        return turn.at(offer=chosen.handle, asked="", tries=0)
    refused = said.no or cues.NEITHER.search(said.text)
    if refused and said.wish.empty and not said.choice:
        return turn.at(wish=Wish(), searched=False, offer="", asked="").with_context(offers=())
    return None


def _chosen(turn: Turn, said: Understanding, offers: tuple[Offer, ...]) -> Offer | None:
    if not offers or cues.NEITHER.search(said.text):
        return None
    if not said.wish.empty and not said.wish.soonest:
        fitting = [o for o in offers if wishes.fits(_over(turn, said), turn.local(o.start))]
        if len(fitting) != 1:
            fitting = [o for o in offers if wishes.fits(said.wish, turn.local(o.start))]
        if len(fitting) == 1:
            return fitting[0]
        if fitting and said.choice:
            return fitting[min(said.choice, len(fitting)) - 1]
        return None
    if said.wish.soonest:
        return min(offers, key=lambda offer: offer.start)
    if said.choice:
        return _by_order(said, offers)
    if len(offers) == 1 and (said.leans_yes):
        return offers[0]
    return offers[0] if cues.EITHER.search(said.text) else None


def _over(turn: Turn, said: Understanding) -> Wish:
    return wishes.merge(turn.talk.wish, said.wish)


def _by_order(said: Understanding, offers: tuple[Offer, ...]) -> Offer:
    text = said.text.lower()
    if "later" in text or ("latter" in text and len(offers) > 1):
        return max(offers, key=lambda offer: offer.start)
    if "earl" in text or "sooner" in text:
        return min(offers, key=lambda offer: offer.start)
    return offers[min(said.choice, len(offers)) - 1]


def _waiting(turn: Turn, said: Understanding) -> Answered:
    if said.waiting is not None:
        return turn.at(waiting=said.waiting, asked="")
    return None


def _widen(turn: Turn, said: Understanding) -> Answered:
    text = said.text.lower()
    if "wait" in text and "list" in text:
        return turn.at(goal="waitlist", asked="")
    if "advisor" in text or "call" in text or "person" in text:
        return turn.at(
            goal="message", topic="callback", message="No opening found for the wish.", asked=""
        )
    if said.leans_yes:
        return turn.at(wish=Wish(), searched=False, asked="")
    return None


# ---- the read-back ------------------------------------------------------------------
def _confirm(turn: Turn, said: Understanding) -> Answered:
    proposal = turn.context.proposal
    if proposal is None:
        return None
    if said.yes:
        return _call_again(turn)
    if said.back or ("cancel" in said.goals and not turn.talk.goal == "cancel"):
        return _leave_it(turn)
    if said.no and _changes_nothing(said):
        if turn.talk.goal in ("cancel", "confirm"):
            return _leave_it(turn)
        return turn.at(asked="what_to_change")
    if said.leans_yes and _changes_nothing(said):
        return _call_again(turn)
    return None


def _call_again(turn: Turn) -> Plan:
    """The same call with the same values: the tool itself judges what was heard and agreed."""
    import orjson

    proposal = turn.context.proposal
    assert proposal is not None
    return use(turn, proposal.tool, **orjson.loads(proposal.arguments))


def _changes_nothing(said: Understanding) -> bool:
    return said.wish.empty and not said.need.op_codes and not said.car.make and said.waiting is None


def _leave_it(turn: Turn) -> Turn:
    from voice.dialogue.local import words

    left = turn.with_context(proposal=None).at(asked="", offer="", searched=False)
    return left.saying(words.LEFT_ALONE).done()


def _what_to_change(turn: Turn, said: Understanding) -> Answered:
    text = said.text.lower()
    if said.back or "nothing" in text or "cancel" in text:
        return _leave_it(turn)
    if not _changes_nothing(said):
        return None
    if any(word in text for word in ("day", "time", "date", "when")):
        return turn.at(wish=Wish(), offer="", searched=False, asked="").with_context(offers=())
    if any(word in text for word in ("car", "vehicle", "truck")):
        return turn.at(car="", spoken_car=SpokenCar(), said=turn.talk.said | {"new_car"}, asked="")
    if any(word in text for word in ("service", "work", "what")):
        return turn.at(need=Need(), offer="", searched=False, asked="").with_context(offers=())
    if "name" in text:
        return turn.at(
            person=replace(turn.talk.person, first_name="", last_name="", spelled=False), asked=""
        )
    if "number" in text or "phone" in text:
        person = replace(turn.talk.person, phone="", phone_agreed=False)
        return turn.at(person=person, said=turn.talk.said | {"own_number_refused"}, asked="")
    return None


# ---- afterwards -----------------------------------------------------------------------
def _consent(turn: Turn, said: Understanding) -> Answered:
    granted = said.leans_yes
    if not granted and not said.no:
        return None
    return use(
        turn.at(asked=""),
        "record_consent",
        private=True,
        key=turn.context.code_key,
        granted=granted,
    )


def _birth_date(turn: Turn, said: Understanding) -> Answered:
    day = heard.parse_dob(said.text, turn.today)
    if day is None:
        return (
            turn.at(asked="")
            if said.no or said.unsure or turn.talk.tries or _refuses(said)
            else None
        )
    return use(
        turn.at(asked=""),
        "capture_profile",
        private=True,
        key=turn.context.code_key,
        dob=day.isoformat(),
    )


def _more(turn: Turn, said: Understanding) -> Answered:
    if said.goodbye or (said.no and not said.goals and not said.need.op_codes):
        return use(turn.at(goal="leave", asked=""), "end_call", outcome="done")
    if said.yes and not said.goals:
        return turn.at(goal="", asked="")
    return None


# ---- visits -----------------------------------------------------------------------------
def _which_visit(turn: Turn, said: Understanding) -> Answered:
    visits = turn.context.visits
    fitting = [v for v in visits if wishes.fits(said.wish, turn.local(v.start))]
    if not fitting:
        fitting = [v for v in visits if _names_car(said, v)]
    if not fitting and said.choice and len(visits) >= said.choice:
        fitting = [visits[said.choice - 1]]
    if len(fitting) != 1:
        return None
    return turn.at(visit=fitting[0].handle, wish=Wish(), asked="")


def _names_car(said: Understanding, visit: Visit) -> bool:
    label = visit.car_label.lower()
    return bool(
        (said.car.model and said.car.model.lower() in label)
        or (said.car.make and said.car.make.lower() in label)
    )


def _third_party(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes:
        return turn.at(goal="message", topic="callback", asked="")
    return turn.at(asked="").done() if said.no else None


def _book_instead(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes:
        return turn.at(goal="book", asked="")
    if said.no:
        return turn.at(asked="").done()
    return None


def _move_or_cancel(turn: Turn, said: Understanding) -> Answered:
    text = said.text.lower()
    if "cancel" in text and not ("don't" in text or "not" in text.split()):
        return turn.at(change="cancel", goal="cancel", asked="")
    if (
        any(cue in text for cue in ("move", "resched", "another", "different", "change"))
        or not said.wish.empty
    ):
        return turn.at(change="move", goal="move", asked="")
    if said.back or said.no:
        return _leave_it(turn)
    return None


# ---- inquiry ------------------------------------------------------------------------------
def _topic(turn: Turn, said: Understanding) -> Answered:
    return turn.at(topic=said.safe[:400], asked="") if len(said.text) > 2 else None


def _message(turn: Turn, said: Understanding) -> Answered:
    return turn.at(message=said.safe[:400], asked="") if len(said.text) > 1 else None


def _message_number(turn: Turn, said: Understanding) -> Answered:
    if not said.phone:
        return None
    return turn.at(person=replace(turn.talk.person, phone=said.phone), asked="")


def _route(turn: Turn, said: Understanding) -> Answered:
    """Whatever the answer: it routes, it does not hold the caller back."""
    booking = "book" in said.text.lower() or "appointment" in said.text.lower()
    wants_it = said.goals and not said.no
    if booking and wants_it and "person" not in said.text.lower():
        return turn.at(goal="", asked="")
    return turn.at(topic=said.safe[:80] or "other", asked="")


# ---- outbound -------------------------------------------------------------------------------
def _party(turn: Turn, said: Understanding) -> Answered:
    text = said.text.lower()
    if cues.VOICEMAIL.search(text):
        return _leave_voicemail(turn)
    answer_word = ""
    if "wrong" in text or "no one" in text or "nobody" in text:
        answer_word = "wrong_person"
    elif any(
        cue in text
        for cue in (
            "not here",
            "not home",
            "isn't here",
            "not available",
            "out right now",
            "take a message",
            "at work",
        )
    ):
        answer_word = "not_here"
    elif any(cue in text for cue in ("busy", "call back", "later", "bad time", "not a good time")):
        answer_word = "later"
    elif said.leans_yes or "speaking" in text or "this is" in text:
        answer_word = "yes"
    elif said.no:
        answer_word = "not_here"
    if not answer_word:
        return None
    turn = turn.at(said=turn.talk.said | {"party"}, asked="")
    return use(turn, "right_party", private=True, key=turn.context.code_key, answer=answer_word)


def _leave_voicemail(turn: Turn) -> Plan:
    """A machine hears who called and where to call: no date, no car, no service."""
    first = turn.context.party_name.split(" ")[0]
    number = spoken.say_phone(turn.knowledge.phone)
    told = (
        f"This is the automated assistant for {turn.knowledge.legal_name} with a message for {first}. "
        f"Please call {number}. To stop these calls, say stop when you call."
    )
    return use(turn.at(goal="leave", asked=""), "end_call", outcome="voicemail").after(told)


def _attend(turn: Turn, said: Understanding) -> Answered:
    moves = {"move", "cancel"} & set(said.goals)
    if said.no or moves:
        goal = "cancel" if "cancel" in said.text.lower() else "move"
        return turn.at(goal=goal if moves else "change", asked="", known=True)
    if (
        said.yes
        or said.leans_yes
        or "be there" in said.text.lower()
        or "i will" in said.text.lower()
    ):
        return _call_again(turn) if turn.context.proposal else None
    return None


def _score(turn: Turn, said: Understanding) -> Answered:
    score = heard.parse_score(said.text)
    return turn.at(score=score, asked="") if score else None


def _remark(turn: Turn, said: Understanding) -> Answered:
    return turn.at(message="" if said.no and len(said.text) < 12 else said.safe[:1000], asked="")


READERS: dict[str, Reader] = {
    "known": _known,
    "name": _factor,
    "last_name": _factor,
    "dob": _factor,
    "vin": _factor,
    "address": _factor,
    "zip": _factor,
    "birth_day": _factor,
    "spelling": _spelling,
    "phone_this": _phone_this,
    "phone": _phone,
    "car_this": _car_this,
    "car_which": _car_which,
    "history_car": _car_which,
    "change_that": _change_that,
    "need": _need,
    "which_service": _which_service,
    "offer": _offer,
    "take_it": _offer,
    "waiting": _waiting,
    "widen": _widen,
    "confirm": _confirm,
    "what_to_change": _what_to_change,
    "consent": _consent,
    "birth_date": _birth_date,
    "more": _more,
    "which_visit": _which_visit,
    "book_instead": _book_instead,
    "book_it": _book_instead,
    "third_party": _third_party,
    "move_or_cancel": _move_or_cancel,
    "topic": _topic,
    "message": _message,
    "message_number": _message_number,
    "route": _route,
    "party": _party,
    "attend": _attend,
    "score": _score,
    "went_wrong": _remark,
    "good_note": _remark,
}
