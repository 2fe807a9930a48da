"""The highest level: a code by text message, and what only it opens (domain section 5).

Rules: six digits to a number that has long been the customer's, good for five minutes and
three tries; what it opens is open for ten minutes. The call keeps a keyed digest, never the
code. A changed number and a new contact are read back like every write.
"""

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from calls import log, telephony
from calls.errors import TelephonyError
from crm import history, records, step_up
from voice.context import CallContext, Receipt
from voice.dialogue import spoken
from voice.gate import Level
from voice.tools.arguments import AddContact, ChangePhone, CheckCode, SendCode, TextHistory
from voice.tools.frame import Frame
from voice.tools.outcome import ToolOutcome, done, refused
from voice.tools.readback import propose_or_write

CODE_LIFE = timedelta(minutes=5)
OPEN_FOR = timedelta(minutes=10)
TRIES = 3
MOST_CODES = 2
"""Per call: who lost one may have another, who collects them may not."""
_LINES = 3


def lapsed(context: CallContext, now: datetime) -> CallContext:
    """The call as it stands now: after ten minutes the highest level is gone."""
    since = context.stepped_up_at
    if context.level is not Level.STEPPED_UP or since is None or now - since < OPEN_FOR:
        return context
    return replace(context, level=Level.VERIFIED, stepped_up_at=None, code_digest="")


# ---- the code -----------------------------------------------------------------------
def send_code(frame: Frame, wanted: SendCode) -> ToolOutcome:
    """Text a fresh code; refused with `cannot_text` where none may go out."""
    context = frame.context
    assert context.customer_id is not None
    number = step_up.number_for_code(context.customer_id, frame.now)
    if number is None or not telephony.can_text(number) or context.codes_sent >= MOST_CODES:
        return refused(replace(context, code_refused=True), "cannot_text")
    code = f"{secrets.randbelow(1_000_000):06d}"
    try:
        telephony.send_sms(to=number, body=_text(frame, code))
    except TelephonyError:
        return refused(replace(context, code_refused=True), "cannot_text")
    frame = frame.with_context(
        code_digest=_digest(context, code),
        code_sent_at=frame.now,
        code_tries=TRIES,
        codes_sent=context.codes_sent + 1,
        code_ending=number[-4:],
    )
    return done(frame.context, sent=True, ending=number[-4:])


def _text(frame: Frame, code: str) -> str:
    return f"{frame.knowledge.shop_name}: your code is {code}. It's good for 5 minutes. We never call to ask for it."


def _digest(context: CallContext, code: str) -> str:
    return hmac.new(context.code_key.encode(), code.encode(), hashlib.sha256).hexdigest()


def check_code(frame: Frame, wanted: CheckCode) -> ToolOutcome:
    """Compare; three wrong ones or five minutes, and the code is worth nothing."""
    context = frame.context
    expired = context.code_sent_at is None or frame.now - context.code_sent_at > CODE_LIFE
    if not context.code_digest or expired:
        return refused(replace(context, code_digest=""), "code_expired")
    ok = hmac.compare_digest(_digest(context, wanted.code), context.code_digest)
    log.record_verification(
        call_id=context.call_id,
        customer_id=context.customer_id,
        factor="sms_code",
        ok=ok,
        now=frame.now,
    )
    return _let_in(frame) if ok else _wrong(frame)


def _let_in(frame: Frame) -> ToolOutcome:
    level = Level.STEPPED_UP
    log.update_call(call_id=frame.context.call_id, verification_level=level.value)
    frame = frame.with_context(level=level, stepped_up_at=frame.now, code_digest="")
    return done(frame.context, level=level.value)


def _wrong(frame: Frame) -> ToolOutcome:
    left = frame.context.code_tries - 1
    frame = frame.with_context(code_tries=left)
    if left <= 0:
        return refused(
            replace(frame.context, code_digest="", code_refused=True), "code_wrong", tries_left=0
        )
    return refused(frame.context, "code_wrong", tries_left=left)


# ---- what it opens --------------------------------------------------------------------
def change_phone(frame: Frame, wanted: ChangePhone) -> ToolOutcome:
    """The number that was said becomes the main one; a model only knows its end."""
    number = frame.context.dialogue.person.phone
    if not number or number[-4:] != wanted.ending:
        return refused(frame.context, "number_missing")
    return propose_or_write(
        frame,
        "change_phone",
        wanted,
        prepare=lambda f: _read_back_number(number),
        write=lambda f, key: _write_phone(f, number, key),
    )


def _read_back_number(number: str) -> tuple[str, str]:
    heard = f"So your new number is {spoken.say_phone(number)}."
    return f"{heard} Is that right?", heard


def _write_phone(frame: Frame, number: str, key: str) -> ToolOutcome:
    assert frame.context.customer_id is not None
    records.add_phone(customer_id=frame.context.customer_id, phone=number, primary=True)
    frame = frame.add_receipt(Receipt("changed", proposal_key=key))
    return done(frame.context, say="Done. That's your number with us from now on.", done=True)


def add_contact(frame: Frame, wanted: AddContact) -> ToolOutcome:
    """Somebody else may move and cancel this customer's visits from now on."""
    return propose_or_write(
        frame,
        "add_contact",
        wanted,
        prepare=lambda f: _read_back_contact(wanted),
        write=lambda f, key: _write_contact(f, wanted, key),
    )


def _read_back_contact(wanted: AddContact) -> tuple[str, str]:
    name = f"{wanted.first_name} {wanted.last_name}"
    heard = f"So {name} may ask about your visits, and move or cancel them."
    return f"{heard} Is that right?", heard


def _write_contact(frame: Frame, wanted: AddContact, key: str) -> ToolOutcome:
    assert frame.context.customer_id is not None
    records.authorise_contact(
        customer_id=frame.context.customer_id,
        name=f"{wanted.first_name} {wanted.last_name}",
        may_manage=True,
    )
    frame = frame.add_receipt(Receipt("changed", proposal_key=key))
    return done(frame.context, say=f"Done. {wanted.first_name} is on your account.", done=True)


def text_history(frame: Frame, wanted: TextHistory) -> ToolOutcome:
    """What was done at the last visits, to the number that the code went to. No cost, no VIN."""
    context = frame.context
    assert context.customer_id is not None
    number = step_up.number_for_code(context.customer_id, frame.now)
    if number is None or not telephony.can_text(number):
        return refused(context, "cannot_text")
    lines = [
        line for car in context.cars[:2] for line in _visits_of(frame, car.vehicle_id, car.short)
    ]
    body = "; ".join(lines[:_LINES]) or "no visits on record"
    try:
        telephony.send_sms(to=number, body=f"{frame.knowledge.shop_name}: {body}.")
    except TelephonyError:
        return refused(context, "cannot_text")
    frame = frame.add_receipt(Receipt("texted"))
    say = f"I've texted it to the number ending {spoken.say_last_four(number)}."
    return done(frame.context, say=say, done=True)


def _visits_of(frame: Frame, vehicle_id: int, car: str) -> list[str]:
    return [
        f"{car} {frame.local(visit.opened_at):%b %d %Y}: "
        + ", ".join(line.description for line in visit.performed[:2])
        for visit in history.service_history(vehicle_id, limit=_LINES)
        if visit.performed
    ]
