"""Text messages that come in: a stop is a stop, at once and for everything automatic.

Rules: the keywords are the carriers' own. A stop revokes calls and texts alike, whatever
it was sent about; a start allows texts again, calls not, because they were not asked
about. Nobody reads other messages, so the sender is told where somebody answers.
"""

import re
from datetime import datetime

from crm import consent
from crm.errors import Refusal

STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt out", "revoke"}
)  # fmt: skip
START = frozenset({"start", "unstop", "yes"})
HELP = frozenset({"help", "info"})
_STOP_ANYWHERE = re.compile(
    r"\b(stop (calling|texting|messag|contact)|(don'?t|do not|never) (call|text|contact)"
    r"|leave me alone|take me off|remove me)",
    re.IGNORECASE,
)


def take(*, number: str, body: str, message_sid: str, now: datetime) -> str:
    """Obey a message; returns the answer, "" where Twilio or nobody needs one."""
    word = re.sub(r"[^a-z ]", "", body.lower()).strip()
    try:
        if word in STOP or _STOP_ANYWHERE.search(body):
            consent.opt_out(number=number, call_sid=message_sid, wording=body[:200], now=now)
            return ""
        if word in START:
            consent.record_consent(
                number=number,
                channel="sms",
                purpose="service_info",
                granted=True,
                wording=body[:200],
                call_sid=message_sid,
                now=now,
            )
            return "You'll get texts about your visits again. Reply STOP to opt out."
    except Refusal:
        return ""
    if word in HELP:
        return "Texts about your service visits. Reply STOP to opt out. To talk to us, call this number."
    return "Nobody reads texts to this number. To talk to us, please call it."
