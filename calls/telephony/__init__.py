"""What we ask of the telephone: hang up, hand over, ring, text.

Rules: this is the one door to Twilio, and nobody gets through it to a number that
the lock doesn't open (`calls.telephony.lock`). Every function blocks for at most a
few seconds and belongs in a thread; none may be called inside a transaction. Without
Twilio's keys the same requests are kept in a table (`calls.telephony.outbox`).
"""

from datetime import datetime
from types import ModuleType

from django.conf import settings

from calls import handover, twiml
from calls.errors import NumberLocked, TelephonyError
from calls.telephony import lock, outbox, twilio
from calls.telephony.requests import CallRequest

__all__ = [
    "CallRequest",
    "NumberLocked",
    "TelephonyError",
    "can_text",
    "fetch_status",
    "hand_over",
    "hang_up",
    "list_calls",
    "place_call",
    "send_sms",
]


def _backend() -> ModuleType:
    keyed = settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN
    return twilio if keyed else outbox


def hang_up(sid: str) -> bool:
    """End a call; False where it was over already. Raises `TelephonyError`."""
    return bool(_backend().end_call(sid))


def hand_over(
    sid: str,
    brief: str,
    *,
    language: str = "en",
    reason: str = "asked",
    callback_due_at: datetime | None = None,
) -> bool:
    """Ring an advisor and join them to this call; False where the call is over already.

    The advisor hears `brief` first and accepts by key. If nobody takes the call within
    25 s the caller comes back to the agent, and a callback task falls due at
    `callback_due_at` (if not given, within half an hour in which the desk is open). Raises `TelephonyError`;
    with code `no_advisor` or `number_locked` nobody can be rung, now or later.
    """
    line = handover.prepare(
        sid=sid, brief=brief, language=language, reason=reason, callback_due_at=callback_due_at
    )
    lock.ensure_reachable(line)
    words = twiml.dial_advisor(
        twiml.Addresses(settings.BASE_URL),
        call_sid=sid,
        number=line,
        caller_id=settings.TWILIO_PHONE_NUMBER,
    )
    return bool(_backend().redirect_call(sid, words))


def place_call(request: CallRequest) -> str:
    """Ring somebody; returns the call's sid. Only `calls.outbound` may ask for this.

    Raises `TelephonyError`; where its outcome is unknown the phone may ring all the same.
    """
    lock.ensure_reachable(request.to)
    return str(_backend().create_call(request))


def can_text(number: str) -> bool:
    """Whether a text to this number would leave: Twilio is set up, and the lock lets it through."""
    return bool(_backend() is twilio and settings.TWILIO_PHONE_NUMBER and lock.may_reach(number))


def send_sms(*, to: str, body: str) -> str:
    """Text somebody; returns the message's sid. Consent is the asker's business. Raises `TelephonyError`."""
    lock.ensure_reachable(to)
    return str(_backend().create_message(to, body))


def fetch_status(sid: str) -> str | None:
    """The status that Twilio holds for a call, None where it knows none. Raises `TelephonyError`."""
    status = _backend().fetch_status(sid)
    return None if status is None else str(status)


def list_calls(*, to: str, since: datetime) -> list[tuple[str, str]]:
    """Calls to this number that Twilio made at or after this time: (sid, status), newest first.

    Raises `TelephonyError`.
    """
    return list(_backend().list_calls(to, since))
