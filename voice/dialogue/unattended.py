"""Words for moments when nobody converses: voicemail, call screening, an absent advisor.

Rules: pure. A voicemail gives away nothing but who called and how to call back or be
left alone (domain section 4.5); whoever lives with the customer may hear it.
"""

import re
from datetime import date, datetime

from voice.context import CallContext
from voice.core.events import CallStarted
from voice.dialogue import spoken
from voice.dialogue.knowledge import Knowledge

_SCREENED = re.compile(
    r"screening|screened|state your name|say your name|record your name|your name and (the )?reason"
    r"|(reason|why) (for your call|you'?re calling|you are calling|are you calling)"
    r"|who'?s (this|calling|speaking)|who (is|are) (this|calling|you)|what('?s| is) this (about|regarding)",
    re.IGNORECASE,
)


def is_screening(text: str) -> bool:
    """A call-screening service, or a person, wants to know who rings and why."""
    return bool(_SCREENED.search(text))


def screened(shop: Knowledge) -> str:
    """Who rings and why, and no more."""
    return f"{shop.shop_name}, about a service visit."


def voicemail(context: CallContext, shop: Knowledge) -> str:
    """The one message for a voicemail box, after its beep."""
    first_name = context.party_name.split(" ")[0]
    whom = f" for {first_name}" if first_name else ""
    what = "a message" if context.purpose == "follow_up" else "a reminder"
    return (
        f"This is the automated assistant for {shop.legal_name} with {what}{whom}. "
        f"Please call {spoken.say_phone(shop.phone)}. "
        "To stop these calls, say stop when you call. Goodbye."
    )


def nobody_spoke(shop: Knowledge) -> str:
    """The last words of a call that we made and in which nobody says anything."""
    return (
        f"I'll let you go for now. You can reach us at {spoken.say_phone(shop.phone)}. "
        "To stop these calls, say stop when you call. Goodbye."
    )


def nobody_took_it(due: datetime, today: date) -> CallStarted:
    """The caller is back from a hand-over that nobody accepted; `due` is shop-local."""
    when = spoken.say_when(due, today)
    return CallStarted(
        f"I'm sorry, no advisor could pick up just now. Somebody will call you back by {when}. "
        "Is there anything else I can help with?"
    )
