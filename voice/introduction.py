"""Who a call may be from, and the first words it gets for it.

Rules: nothing follows from a number before its caller has proved who they are; it is greeted by
a first name only where exactly one customer has it and the carrier does not call it forged. Reads
the database: run it in a thread.
"""

from dataclasses import replace

from calls.models import Call
from crm.lookup import find_customers
from voice import ready
from voice.context import CallContext, open_context
from voice.core.clauses import split_clauses
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.openings import opening

_FORGED = frozenset({"failed", "C"})
_OUTBOUND_FACTS = ("party_name", "dialled_appointment_id", "dialled_version", "outbound_id")


def introduce(call: Call) -> CallContext:
    """The context of a call as it begins."""
    context = open_context(
        call_sid=call.sid,
        call_id=call.pk,
        direction=call.direction,
        purpose=call.purpose,
        caller_number=call.caller_number if call.caller_number.startswith("+") else None,
        attestation=_attested(call.attestation),
    )
    known = {name: call.context[name] for name in _OUTBOUND_FACTS if name in call.context}
    return _recognise(replace(context, **known))


def _recognise(context: CallContext) -> CallContext:
    """Who has the number."""
    if context.caller_number is None:
        return context
    cards = find_customers(context.caller_number)
    sure = len(cards) == 1 and context.attestation not in _FORGED
    return replace(
        context,
        candidate_ids=tuple(card.customer_id for card in cards),
        greet_name=cards[0].first_name if sure else "",
    )


def _attested(verstat: str) -> str:
    """A, B, C, failed or "" out of Twilio's StirVerstat ("TN-Validation-Passed-A")."""
    if "Failed" in verstat:
        return "failed"
    return verstat[-1] if verstat.startswith("TN-Validation-Passed-") else ""


def own_clauses(context: CallContext, shop: Knowledge) -> tuple[str, ...]:
    """The clauses of a call's first words that are not among the common clips: those with a name."""
    clauses = split_clauses(opening(context, shop).greeting)
    return tuple(clause for clause in clauses if ready.clips().find(clause) is None)
