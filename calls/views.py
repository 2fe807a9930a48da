"""What Twilio asks us, and what we answer.

    /incoming-call      somebody rings: log it, join them to the agent
    /outbound-reminder  somebody we rang picked up: the same, with what it is about
    /call-next          the agent's stream ended: finished? hang up. Handing over?
                        ring the advisor. Neither: a worker died, take the call up again
    /call-status        how far the call has come      /stream-status  the stream's own
    /amd-status         a person or a machine          /dial-done      an advisor's leg ended
    /whisper, /whisper-done   on the advisor's leg: the brief, and the key that takes it
    /incoming-sms       somebody texts: stop means stop

Rules: views verify, log and answer; nothing is decided about the conversation here.
Every answer works when asked for twice.
"""

import logging
import re
import uuid
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from pydantic import Field

from calls import (
    due,
    handover,
    live,
    log,
    outbound,
    ringing,
    settling,
    stream_token,
    texts,
    twiml,
)
from calls.forms import (
    MachineForm,
    Sid,
    StatusForm,
    StreamStatusForm,
    TextForm,
    WebhookForm,
    WhisperForm,
)
from calls.models import TERMINAL_STATUSES, Call, CallStatus, Direction
from calls.telephony import lock
from calls.webhooks import webhook
from crm.phones import to_e164

logger = logging.getLogger(__name__)

GREETING = (
    "Thanks for calling Bart's Automotive service. I'm the automated assistant. "
    "This call may be recorded and transcribed. How can I help?"
)
ONE_MOMENT = "One moment, please."
SORRY = "I'm sorry, something went wrong on our side."
SORRY_ADVISOR = f"{SORRY} I'll get you an advisor."
SORRY_CALLBACK = SORRY + " An advisor will call you back {by}. Goodbye."
SORRY_CALL_AGAIN = f"{SORRY} Please call us again. Goodbye."
WRONG_NUMBER = "This call isn't active any more. Goodbye."

_E164 = re.compile(r"^\+[1-9][0-9]{7,14}$")


class IncomingForm(WebhookForm):
    """A first request; a person trying it by hand need not make up a sid."""

    sid: Sid = Field(alias="CallSid", default_factory=lambda: "CA" + uuid.uuid4().hex)


def _addresses() -> twiml.Addresses:
    return twiml.Addresses(settings.BASE_URL)


def _connect(
    call: Call, now: datetime, *, flow: str = "", resumed: bool = False, say: str = ""
) -> str:
    number = call.caller_number
    facts = twiml.StreamFacts(
        token=stream_token.issue(call.sid, now),
        caller=number if _E164.match(number) else "",
        flow=flow or call.purpose,
        first_message=GREETING if call.purpose == "inbound" and not resumed else "",
        resumed=resumed,
    )
    return twiml.connect_agent(_addresses(), facts, say)


@webhook(IncomingForm)
def incoming_call(form: IncomingForm) -> str:
    """A caller rings: the call is logged and joined to the agent."""
    now = timezone.now()
    call = log.start_call(
        sid=form.sid,
        direction=Direction.INBOUND,
        from_number=form.from_number,
        to_number=form.to_number,
        attestation=form.attestation,
        now=now,
    )
    log.record_status(sid=call.sid, status=CallStatus.IN_PROGRESS, sequence=-1, now=now)
    logger.info("call_started", extra={"call_sid": call.sid, "direction": call.direction})
    ringing.announce(call)
    return _connect(call, now)


@webhook(IncomingForm)
def outbound_reminder(form: IncomingForm) -> str:
    """Somebody we rang picked up: joined to the agent, who knows what it is about."""
    now = timezone.now()
    task = outbound.find(form.attempt)
    call = outbound.start_call(task, form.sid, now) if task else _call_without_attempt(form, now)
    log.record_status(sid=call.sid, status=CallStatus.IN_PROGRESS, sequence=-1, now=now)
    if form.answered_by:
        log.update_call(call_id=call.pk, answered_by=form.answered_by)
    ringing.announce(call)
    return _connect(call, now)


def _call_without_attempt(form: IncomingForm, now: datetime) -> Call:
    """A call that was placed by hand: nothing is known of what it is about."""
    return log.start_call(
        sid=form.sid,
        direction=Direction.OUTBOUND,
        from_number=form.from_number,
        to_number=form.to_number,
        purpose="reminder",
        now=now,
    )


@webhook(WebhookForm)
def call_next(form: WebhookForm) -> str:
    """The stream ended. What now?"""
    now = timezone.now()
    call = log.find_call(form.sid)
    if call is None:
        return twiml.hang_up(WRONG_NUMBER)
    if call.transfer_result in {"requested", "no_advisor"}:
        return _advisor(call, now, say="")
    if call.end_reason not in log.PROVISIONAL_ENDS or call.is_over:
        return twiml.hang_up()
    return _take_up(call, now)


def _take_up(call: Call, now: datetime) -> str:
    """A worker died, or its socket was cut: reconnect a few times, then find a person."""
    if log.take_up(call_id=call.pk) <= log.RECONNECTS:
        return _connect(call, now, resumed=True, say=ONE_MOMENT)
    return _advisor(call, now, say=SORRY_ADVISOR)


def _advisor(call: Call, now: datetime, *, say: str) -> str:
    """Ring an advisor, or promise that one will ring back."""
    line = handover.pick_line()
    if line is None or not lock.may_reach(line.e164):
        handover.owe_callback(call, now=now)
        return _goodbye_until_callback(call, now)
    log.update_call(
        call_id=call.pk,
        transfer_result="requested",
        transfer_reason=call.transfer_reason or "stream_lost",
    )
    return twiml.dial_advisor(
        _addresses(),
        call_sid=call.sid,
        number=line.e164,
        caller_id=settings.TWILIO_PHONE_NUMBER or call.to_number,
        say=say,
    )


def _goodbye_until_callback(call: Call, now: datetime) -> str:
    """End the call with the time by which the callback that is owed is due; nobody can ring back
    a number that was withheld."""
    log.finish_call(call_id=call.pk, end_reason="no_advisor", outcome="callback", now=now)
    if to_e164(call.caller_number) is None:
        return twiml.hang_up(SORRY_CALL_AGAIN)
    by = due.in_words(handover.owed(call) or now, now, due.desk(now))
    return twiml.hang_up(SORRY_CALLBACK.format(by=by))


@webhook(WebhookForm)
def dial_done(form: WebhookForm) -> str:
    """The advisor's leg is over: the caller is done, or comes back to the agent."""
    now = timezone.now()
    call = log.find_call(form.sid)
    if call is None:
        return twiml.hang_up(WRONG_NUMBER)
    if handover.settle(call, now=now):
        log.finish_call(call_id=call.pk, end_reason="handed_over", outcome="handed_over", now=now)
        return twiml.hang_up()
    if call.reconnects > log.RECONNECTS:
        return _goodbye_until_callback(call, now)
    Call.objects.filter(pk=call.pk).update(end_reason="", ended_at=None)
    return _connect(call, now, flow="handover_failed", resumed=True)


@webhook(WhisperForm)
def whisper(form: WhisperForm) -> str:
    """An advisor picked up: they alone hear what it is about."""
    call = log.find_call(form.call)
    if call is None or call.transfer_result != "requested":
        return twiml.hang_up()
    return twiml.whisper(_addresses(), call_sid=call.sid, brief=call.transfer_brief)


@webhook(WhisperForm)
def whisper_done(form: WhisperForm) -> str:
    """A key was pressed on the advisor's leg: one takes the call."""
    if form.digits == "1" and handover.accept(form.call):
        return twiml.bridge()
    return twiml.hang_up()


@webhook(StatusForm)
def call_status(form: StatusForm) -> str:
    """Twilio reports how far a call has come, in any order and more than once."""
    now = timezone.now()
    call = log.find_call(form.sid)
    if call is None:
        call = _late_call(form, now)
    if call is None:
        return ""
    log.record_status(sid=form.sid, status=form.status, sequence=form.sequence, now=now)
    if form.answered_by:
        log.update_call(call_id=call.pk, answered_by=form.answered_by)
    if form.status in TERMINAL_STATUSES:
        settling.settle(sid=form.sid, now=now)
        live.tell(form.sid, "hang_up", "carrier")
    return ""


def _late_call(form: StatusForm, now: datetime) -> Call | None:
    """A call we placed whose sid we never learned: its callback names the attempt."""
    task = outbound.find(form.attempt)
    if task is None:
        return None
    return outbound.start_call(task, form.sid, now)


@webhook(StreamStatusForm)
def stream_status(form: StreamStatusForm) -> str:
    """A stream started, stopped, or could not be opened."""
    Call.objects.filter(sid=form.sid).update(stream_sid=form.stream_sid)
    if form.event == "stream-error":
        logger.warning("stream_failed", extra={"call_sid": form.sid})
    return ""


@webhook(MachineForm)
def amd_status(form: MachineForm) -> str:
    """Twilio has made up its mind about who picked up."""
    Call.objects.filter(sid=form.sid).update(answered_by=form.answered_by)
    live.tell(form.sid, "answered_by", form.answered_by)
    return ""


@webhook(TextForm)
def incoming_sms(form: TextForm) -> str:
    """Somebody texts the shop's number."""
    words = texts.take(
        number=form.from_number, body=form.body, message_sid=form.sid, now=timezone.now()
    )
    return twiml.text_back(words)
