"""Answers about openings, read-backs and visits.

Rules: pure; one function per question, as `answers` has it: the turn with the answer taken
in, a tool call, or None where this was no answer.
"""

import re
from dataclasses import replace

import orjson

from voice.context import Offer, Visit
from voice.dialogue import heard
from voice.dialogue.intent import Intent
from voice.dialogue.local import cues, wishes, words
from voice.dialogue.local.answers_who import corrected_name, refuses
from voice.dialogue.local.asking import ask
from voice.dialogue.local.turn import Answered, Plan, Turn, use
from voice.dialogue.local.understand import Understanding
from voice.dialogue.state import Need, SpokenCar, Wish


# ---- when -------------------------------------------------------------------------
def offer(turn: Turn, said: Understanding) -> Answered:
    offers = turn.context.offers[:2]
    chosen = _chosen(turn, said, offers)
    if chosen:
        return turn.at(offer=chosen.handle, asked="", tries=0)
    refused = said.no or cues.NEITHER.search(said.text)
    if refused and said.wish.empty and not said.choice:
        turn = turn.at(said=turn.talk.said | {"offers_refused"})
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


_JUST_WAIT = re.compile(r"\W*(i'?ll |i will |i )?wait\W*", re.IGNORECASE)
"""An answer here, though elsewhere "wait" stops the agent."""


def waits_here(turn: Turn, said: Understanding) -> bool:
    """Whether "wait" is the answer to "drop it off, or wait?" and nothing to wait for."""
    asked = turn.talk.asked in ("waiting", "waiting_or_ride")
    return asked and _JUST_WAIT.fullmatch(said.text) is not None


def waiting(turn: Turn, said: Understanding) -> Answered:
    waits = said.waiting
    if waits is None and (cues.WAITS.search(said.text) or waits_here(turn, said)):
        waits = True
    if said.ride in ("shuttle", "loaner"):
        waits = False
    if waits is None:
        return None
    return turn.at(waiting=waits, ride=said.ride or "none", asked="")


def widen(turn: Turn, said: Understanding) -> Answered:
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
def confirm(turn: Turn, said: Understanding) -> Answered:
    proposal = turn.context.proposal
    if proposal is None:
        return None
    if said.yes:
        return call_again(turn)
    if (renamed := corrected_name(turn, said)) is not None:
        return renamed
    if said.back or ("cancel" in said.goals and turn.talk.goal != "cancel"):
        return leave_it(turn)
    if said.no and _changes_nothing(said):
        if turn.talk.goal in ("cancel", "confirm"):
            return leave_it(turn)
        return _other_number(turn, said) or turn.at(asked="what_to_change")
    if said.leans_yes and _changes_nothing(said):
        return call_again(turn)
    return None


def _other_number(turn: Turn, said: Understanding) -> Turn | None:
    """ "No, that's not the best number": only that is asked anew."""
    text = said.text.lower()
    named = any(word in text for word in ("number", "phone", "reach me", "call me"))
    if turn.context.customer_id or not named:
        return None
    person = replace(turn.talk.person, phone=said.phone, phone_agreed=bool(said.phone))
    refused = turn.talk.said | {"own_number_refused"}
    return turn.with_context(proposal=None).at(person=person, said=refused, asked="")


def call_again(turn: Turn) -> Plan:
    """The same call with the same values: the tool itself judges what was heard and agreed."""

    proposal = turn.context.proposal
    assert proposal is not None
    return use(turn, proposal.tool, **orjson.loads(proposal.arguments))


def _changes_nothing(said: Understanding) -> bool:
    return said.wish.empty and not said.need.op_codes and not said.car.make and said.waiting is None


def leave_it(turn: Turn) -> Turn:

    left = turn.with_context(proposal=None).at(asked="", offer="", searched=False)
    return left.saying(words.LEFT_ALONE).done()


def gives_up(turn: Turn, said: Understanding) -> bool:
    """ "Never mind", with nothing put in its place, while something was being arranged."""
    arranging = turn.talk.goal in ("book", "move", "cancel", "change", "waitlist", "price")
    free_text = turn.talk.asked in ("confirm", "what_to_change", "message", "move_or_cancel")
    return arranging and not free_text and _changes_nothing(said) and not said.restart


def when(turn: Turn, said: Understanding) -> Answered:
    """Who does not mind, or asks what there is, gets the earliest."""
    if said.wish.empty and (said.unsure or cues.OFFER_ME.search(said.text)):
        return turn.at(wish=Wish(soonest=True), searched=False, asked="", tries=0)
    return None


def ride(turn: Turn, said: Understanding) -> Answered:
    if said.ride:
        return None  # taken in as a value
    if said.no or said.waiting is False or said.wavers or said.unsure:
        return turn.at(ride="none", asked="")
    offer = turn.context.offer(turn.talk.offer)
    if said.leans_yes and offer is not None and offer.rides:
        return turn.at(ride=offer.rides[0], asked="")
    return None


def go_back(turn: Turn, said: Understanding) -> Turn | Plan:
    """ "Go back": to what the caller names, to the beginning, or to what they are asked to name."""
    turn = turn.with_context(proposal=None)
    if "start" in said.text.lower():
        return turn.at(need=Need(), wish=Wish(), offer="", searched=False, asked="").with_context(
            offers=()
        )
    changed = what_to_change(turn, replace(said, back=False, need=Need()))
    return changed if changed is not None else ask(turn, "what_to_change")


def what_to_change(turn: Turn, said: Understanding) -> Answered:
    text = said.text.lower()
    if said.back or "nothing" in text or "cancel" in text:
        return leave_it(turn)
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
        refused = turn.talk.said | {"own_number_refused"}
        return turn.with_context(proposal=None).at(person=person, said=refused, asked="")
    return None


# ---- afterwards -----------------------------------------------------------------------
def consent(turn: Turn, said: Understanding) -> Answered:
    granted = said.leans_yes
    if not granted and not (said.no or refuses(said)):
        return None
    return use(
        turn.at(asked=""),
        "record_consent",
        private=True,
        key=turn.context.code_key,
        granted=granted,
    )


def birth_date(turn: Turn, said: Understanding) -> Answered:
    day = heard.parse_dob(said.text, turn.today)
    if day is None:
        return (
            turn.at(asked="")
            if said.no or said.unsure or turn.talk.tries or refuses(said)
            else None
        )
    return use(
        turn.at(asked=""),
        "capture_profile",
        private=True,
        key=turn.context.code_key,
        dob=day.isoformat(),
    )


def more(turn: Turn, said: Understanding) -> Answered:
    if said.goodbye or (said.no and not said.goals and not said.need.op_codes):
        return use(turn.at(goal="leave", asked=""), "end_call", outcome="done")
    if said.means(Intent.THANKS) and not said.goals:
        if "welcomed" in turn.talk.said:
            return use(turn.at(goal="leave", asked=""), "end_call", outcome="done")
        turn = turn.at(said=turn.talk.said | {"welcomed"})
        return ask(turn, "more", before="You're welcome.")
    if said.yes and not said.goals:
        return turn.at(goal="", asked="")
    return None


# ---- visits -----------------------------------------------------------------------------
def which_visit(turn: Turn, said: Understanding) -> Answered:
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


def third_party(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes:
        return turn.at(goal="message", topic="callback", asked="")
    return turn.at(asked="").done() if said.no else None


def book_instead(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes:
        return turn.at(goal="book", asked="")
    if said.no:
        return turn.at(asked="").done()
    return None


def move_or_cancel(turn: Turn, said: Understanding) -> Answered:
    text = said.text.lower()
    if "cancel" in text and not ("don't" in text or "not" in text.split()):
        return turn.at(change="cancel", goal="cancel", asked="")
    if (
        any(cue in text for cue in ("move", "resched", "another", "different", "change"))
        or not said.wish.empty
    ):
        return turn.at(change="move", goal="move", asked="")
    if said.back or said.no:
        return leave_it(turn)
    return None
