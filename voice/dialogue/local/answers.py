"""What an answer means, question by question.

Rules: pure. Each question has one function; it returns the turn with the answer
taken in, a Plan where the answer is a tool call, or None where this was no answer
(the caller may have said something else instead, which is taken in elsewhere).
"""

from collections.abc import Callable

from voice.dialogue.local import answers_talk as talk
from voice.dialogue.local import answers_when as visits
from voice.dialogue.local import answers_who as about
from voice.dialogue.local import step_up, who
from voice.dialogue.local.turn import Answered, Turn
from voice.dialogue.local.understand import Understanding

Reader = Callable[[Turn, Understanding], Answered]


def answer(turn: Turn, said: Understanding) -> Answered:
    """The answer to the question that was asked, None where there is none."""
    reader = READERS.get(turn.talk.asked)
    return reader(turn, said) if reader else None


def consumes(asked: str, answered: Answered) -> bool:
    """Whether the answer used up the words: digits of a phone are no time of day."""
    return answered is not None and asked in _CONSUMING


_CONSUMING = who.ASKED | {
    "phone", "new_number", "contact_name", "spelling", "spell_first", "spell_last", "birth_date", "message_number", "score", "message", "offer", "take_it",
    "which_visit",
}  # fmt: skip


READERS: dict[str, Reader] = {
    "goal": talk.goal,
    "call_back_sure": talk.call_back_sure,
    "known": about.known,
    "name": about.factor,
    "last_name": about.factor,
    "name_spelled": about.factor,
    "dob": about.factor,
    "vin": about.factor,
    "address": about.factor,
    "zip": about.factor,
    "birth_day": about.factor,
    "code": step_up.code,
    "new_number": step_up.new_number,
    "contact_name": step_up.contact_name,
    "spelling": about.spelling,
    "spell_first": about.spelled_part,
    "spell_last": about.spelled_part,
    "phone": about.phone,
    "car_this": about.car_this,
    "car_which": about.car_which,
    "history_car": about.car_which,
    "change_that": about.change_that,
    "need": about.need,
    "which_service": about.which_service,
    "offer": visits.offer,
    "take_it": visits.offer,
    "waiting": visits.waiting,
    "ride": visits.ride,
    "when": visits.when,
    "waiting_or_ride": visits.waiting,
    "widen": visits.widen,
    "confirm": visits.confirm,
    "what_to_change": visits.what_to_change,
    "consent": visits.consent,
    "birth_date": visits.birth_date,
    "more": visits.more,
    "which_visit": visits.which_visit,
    "book_instead": visits.book_instead,
    "book_it": visits.book_instead,
    "recall_visit": visits.book_instead,
    "third_party": visits.third_party,
    "move_or_cancel": visits.move_or_cancel,
    "topic": talk.topic,
    "message": talk.message,
    "message_number": talk.message_number,
    "route": talk.route,
    "party": talk.party,
    "attend": talk.attend,
    "score": talk.score,
    "went_wrong": talk.remark,
    "good_note": talk.remark,
}
