"""Telephony without Twilio: keeps what would have been sent, and says so.

Nothing rings and nothing is texted. Its rows are shown in the admin, so that a
system without keys can be watched at work.
"""

import uuid
from datetime import datetime

from django.utils import timezone

from calls.models import OutboxMessage
from calls.telephony.requests import CallRequest


def create_call(request: CallRequest) -> str:
    """Keep a call; returns a sid of Twilio's shape."""
    return _keep("call", "CA", request.to, request.answer_url)


def create_message(to: str, body: str) -> str:
    """Keep a text; returns a sid of Twilio's shape."""
    return _keep("text", "SM", to, body)


def redirect_call(sid: str, twiml: str) -> bool:
    """Keep a change of a call. False: there is no phone line whose call could change."""
    _keep("redirect", "", "", twiml, sid)
    return False


def end_call(sid: str) -> bool:
    """Keep an end of a call."""
    _keep("end", "", "", "", sid)
    return False


def fetch_status(sid: str) -> str | None:
    """Nobody knows a call that was never dialled."""
    return None


def list_calls(to: str, since: datetime) -> list[tuple[str, str]]:
    """The calls that were kept for this number, newest first; none of them ever rang."""
    kept = OutboxMessage.objects.filter(kind="call", to_number=to, at__gte=since)
    return [(sid, "queued") for sid in kept.values_list("sid", flat=True)]


def _keep(kind: str, prefix: str, to: str, body: str, sid: str = "") -> str:
    made = sid or prefix + uuid.uuid4().hex
    OutboxMessage.objects.create(kind=kind, to_number=to, body=body, sid=made, at=timezone.now())
    return made
