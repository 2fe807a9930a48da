"""What goes to people: messages, the waiting list, hand-overs, feedback; and the goodbye.

Rules: a callback is promised only with a due time that the task carries. A hand-over
goes to the shop's own lines, never to a number out of anybody's mouth; where nobody
is at the desk, or no line is set up, it becomes a callback with a due time. What is written down is redacted.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from calls import callbacks, handover, log
from calls.due import callback_due, complaint_due, is_open
from scheduling import waitlist
from voice.context import Receipt
from voice.dialogue.redact import redact
from voice.tools import sentences
from voice.tools.arguments import (
    EndCall,
    HandOver,
    JoinWaitlist,
    NoteFalsehood,
    RecordFeedback,
    TakeMessage,
)
from voice.tools.frame import Frame
from voice.tools.outcome import ToolOutcome, done, refused

CALLBACK_MIN = {"status": 30, "hand_over": 30, "concern": 120, "complaint": 120}
"""Minutes of opening time until a person calls back; anything else: two hours."""
USUAL_MIN = 120
WAITLIST_SPAN = timedelta(days=14)
_URGENT = frozenset({"complaint", "concern"})
_HANDOVER_SAYS = {
    "safety": "I'm connecting you with an advisor who can arrange a tow.",
    "language": "Le comunico con un asesor que habla español. Un momento, por favor.",
}
_SPANISH_CALLBACK = "Un asesor que habla español le va a llamar."
_CONNECTING = "I'm connecting you with an advisor now. One moment, please."


def take_message(frame: Frame, wanted: TakeMessage) -> ToolOutcome:
    """A callback task with a due time that is told."""
    if not frame.context.contact_number:
        return refused(frame.context, "number_missing")
    urgent = wanted.urgent or wanted.reason in _URGENT
    due = callback_due(frame.now, CALLBACK_MIN.get(wanted.reason, USUAL_MIN), frame.knowledge)
    _owe(frame, wanted.reason, due, redact(wanted.message), urgent=urgent)
    say = sentences.callback(due=frame.local(due), today=frame.today)
    frame = _noted(frame, "message_taken").add_receipt(Receipt("callback", due))
    return done(frame.context, say=say, done=True)


def _owe(frame: Frame, reason: str, due: datetime, note: str, *, urgent: bool) -> None:
    callbacks.create_callback(
        call_id=frame.context.call_id,
        number=frame.context.contact_number,
        reason=reason,
        priority="high" if urgent else "normal",
        due_at=due,
        note=note,
        now=frame.now,
        customer_id=frame.context.customer_id,
    )


def _noted(frame: Frame, outcome: str) -> Frame:
    """The outcome, unless a better one stands already."""
    return frame if frame.context.outcome else frame.with_context(outcome=outcome)


def join_waitlist(frame: Frame, wanted: JoinWaitlist) -> ToolOutcome:
    """To be told of an earlier opening; without a car on record an advisor keeps the wish."""
    context = frame.context
    if not context.contact_number:
        return refused(context, "number_missing")
    car = context.car(wanted.car) if wanted.car else next(iter(context.cars), None)
    if context.customer_id is None or car is None:
        return take_message(frame, _waitlist_message(wanted))
    first = date.fromisoformat(wanted.first_day) if wanted.first_day else frame.today
    last = date.fromisoformat(wanted.last_day) if wanted.last_day else first + WAITLIST_SPAN
    waitlist.join(
        number=context.contact_number,
        customer_id=context.customer_id,
        vehicle_id=car.vehicle_id,
        op_codes=tuple(wanted.services),
        first_day=first,
        last_day=max(first, last),
        call_sid=context.call_sid,
        idempotency_key=f"{context.call_sid}:waitlist:{'+'.join(wanted.services)}",
        now=frame.now,
    )
    say = "You're on the waiting list. Somebody will call you when a time opens up."
    frame = _noted(frame, "waitlisted").add_receipt(Receipt("callback"))
    return done(frame.context, say=say, done=True)


def _waitlist_message(wanted: JoinWaitlist) -> TakeMessage:
    wish = f"Wants an earlier opening for {', '.join(wanted.services)}."
    return TakeMessage(reason="callback", message=wish, urgent=False)


def hand_over(frame: Frame, wanted: HandOver) -> ToolOutcome:
    """Announce and connect; with nobody there, outside the desk's hours or without a line, a callback.

    Once per call: who asks again is told again, and nothing is written a second time.
    """
    if frame.context.callback_promised is not None:
        return done(
            frame.context, say=_told_when(frame, frame.context.callback_promised), done=True
        )
    if not (is_open(frame.now, frame.knowledge) and handover.has_line()):
        return _call_back_instead(frame, wanted)
    if frame.context.outcome == "handed_over":
        return done(frame.context, then="hand_over", done=True)
    log.update_call(call_id=frame.context.call_id, transfer_reason=wanted.reason)
    frame = frame.with_context(outcome="handed_over", handover_reason=wanted.reason)
    say = _HANDOVER_SAYS.get(wanted.reason, _CONNECTING)
    return done(frame.context, say=say, then="hand_over", done=True)


def _call_back_instead(frame: Frame, wanted: HandOver) -> ToolOutcome:
    if not frame.context.contact_number:
        return refused(frame.context, "number_missing")
    frame = frame.with_context(handover_reason=wanted.reason)
    due = callback_due(frame.now, CALLBACK_MIN["hand_over"], frame.knowledge)
    _owe(frame, f"hand_over_{wanted.reason}", due, "", urgent=wanted.reason in ("safety", "angry"))
    log.update_call(call_id=frame.context.call_id, transfer_reason=wanted.reason)
    frame = _noted(frame, "callback_promised").add_receipt(Receipt("callback", due))
    context = replace(frame.context, callback_promised=due)
    nobody = "" if wanted.reason == "language" else "Nobody can take the call right now, so "
    told = _told_when(frame, due)
    say = f"{nobody}{_lower(told)}" if nobody else f"{_SPANISH_CALLBACK} {told}"
    return done(context, say=say, done=True)


def _told_when(frame: Frame, due: datetime) -> str:
    return f"An advisor will call you back by {sentences.when(frame.local(due), frame.today)}."


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def end_call(frame: Frame, wanted: EndCall) -> ToolOutcome:
    """Goodbye. What was half begun is given up."""
    says = {
        "wrong_number": "This is Bart's Automotive service. Sorry for the mix-up. Goodbye.",
        "abusive": "I'm ending the call now. Goodbye.",
    }
    say = says.get(wanted.outcome, f"Thanks for calling {frame.knowledge.shop_name}. Goodbye.")
    if frame.context.direction == "outbound":
        say = "Goodbye."
    kept = wanted.outcome if wanted.outcome != "done" else "answered"
    context = replace(_noted(frame, kept).context, proposal=None)
    return done(context, say=say, then="hang_up", done=True)


def note_falsehood(frame: Frame, wanted: NoteFalsehood) -> ToolOutcome:
    """Keep on record that a model's sentence was false; the caller never heard it."""
    kept = refused(frame.context, wanted.code)
    return replace(kept, then="listen")


def record_feedback(frame: Frame, wanted: RecordFeedback) -> ToolOutcome:
    """A score and the caller's own words; three or less is the manager's business today."""
    comment = redact(wanted.comment)
    told = f"Score {wanted.score}." if wanted.score else "No score."
    frame = frame.with_context(outcome=f"score_{wanted.score}" if wanted.score else "no_score")
    log.update_call(
        call_id=frame.context.call_id,
        score=wanted.score,
        comment=comment,
        summary=f"{told} {comment}".strip(),
    )
    if wanted.score is not None and wanted.score > 3:
        return done(frame.context, done=True)
    due = complaint_due(frame.now, CALLBACK_MIN["complaint"], frame.knowledge)
    _owe(frame, "complaint", due, f"{told} {comment}".strip(), urgent=True)
    when = sentences.when(frame.local(due), frame.today)
    return done(
        frame.add_receipt(Receipt("callback", due)).context,
        say=f"Thank you. The service manager will call you by {when}.",
        done=True,
    )
