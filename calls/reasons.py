"""Why a call of ours was not made, or what came of it, as staff read it.

Rules: one table for every code that an attempt can carry: a refusal of the dial gate
(scheduling's `may_dial`), an answer of ours or Twilio's, a conversation's outcome. A code that
has no sentence is shown with spaces for its underscores.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NOT_DIALLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "number_locked": "This installation may only ring the test number.",
        "no_number": "The customer has no phone number on file.",
        "do_not_call": "The customer asked not to be called.",
        "no_consent": "The customer has not agreed to calls by the agent.",
        "wrong_number": "The number belongs to somebody else.",
        "fax": "The number is a fax machine.",
        "unreachable": "The number does not exist.",
        "state_forbids": "Their state does not allow such calls.",
        "gone": "There is no visit any more to call about.",
        "moved": "The visit was moved; the new time has a call of its own.",
        "cancelled": "The visit was cancelled.",
        "confirmed_already": "The customer has confirmed already.",
        "arrived": "The car is here already.",
        "too_late": "It is too late to call about this visit.",
        "too_early": "Waits until a day after the visit.",
        "attempts_used": "It was tried as often as we may.",
        "number_rested": "The number was called three times within 30 days.",
        "too_soon": "Waits: the last try was less than three hours ago.",
        "same_day_part": "Waits for another time of day than the last try.",
        "quiet_hours": "Waits for the hours in which we may call there.",
    }
)
"""Codes of `OutboundCall.skip_reason`."""

_RESULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "confirmed": "The customer confirmed the visit.",
        "booked": "The customer booked a visit.",
        "moved": "The customer moved the visit.",
        "rescheduled": "The customer moved the visit.",
        "cancelled": "The customer cancelled the visit.",
        "opted_out": "The customer wants no more calls.",
        "wrong_number": "Somebody else has this number.",
        "wrong_person": "Somebody else has this number.",
        "asked_later": "The customer asked to be called another time.",
        "handed_over": "An advisor took the call.",
        "callback": "An advisor owes the customer a call.",
        "callback_promised": "An advisor owes the customer a call.",
        "message_taken": "The customer left a message.",
        "waitlisted": "The customer is on the waiting list.",
        "voicemail": "A voicemail box picked up.",
        "fax": "A fax machine picked up.",
        "no_speech": "Somebody picked up and said nothing.",
        "abandoned": "The customer hung up before the end.",
        "abusive": "The call was ended because of abuse.",
        "lost": "Nothing was heard of this call again.",
        "refused": "Twilio refused to place the call.",
        "busy": "The line was busy.",
        "no-answer": "Nobody picked up.",
        "failed": "The call could not be connected.",
        "canceled": "The call was called off before anybody picked up.",
        "done": "The call came to its end.",
    }
)
"""Codes of `OutboundCall.result`."""

_ERRORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "never_dialled": "Twilio never placed the call; it is tried again.",
        "timeout": "Twilio did not answer in time.",
        "unreachable": "Twilio could not be reached.",
    }
)
"""Codes of `OutboundCall.error`, beside Twilio's own numbers."""


def why_not(code: str) -> str:
    """Why an attempt waits or was skipped."""
    return _said(NOT_DIALLED, code)


def result(code: str) -> str:
    """What came of a call."""
    return _said(_RESULTS, code)


def error(code: str) -> str:
    """What went wrong at Twilio's."""
    return f"Twilio's error {code}." if code.isdecimal() else _said(_ERRORS, code)


def _said(words: Mapping[str, str], code: str) -> str:
    return words.get(code) or code.replace("_", " ").replace("-", " ")
