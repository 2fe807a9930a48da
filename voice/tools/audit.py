"""After the call: what was said against what is stored.

Rules: it runs once a call is over, on the record alone. A deed that was heard without
its receipt, or a write that nobody was heard to agree to, becomes a task for a person;
nothing is repaired by itself. Usually it finds nothing, which is the point.
"""

from datetime import datetime

from calls import callbacks
from voice.context import CallContext
from voice.core.history import AgentTurn, Item
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.proof import unagreed_writes
from voice.dialogue.sentences import Sentences
from voice.dialogue.truth import Grounds, deed
from voice.tools.due import callback_due

REASON = "said_and_stored_differ"


def differences(
    context: CallContext, history: tuple[Item, ...], shop: Knowledge, now: datetime
) -> tuple[str, ...]:
    """Codes of what does not agree, each once."""
    grounds = Grounds(context, shop, history, now)
    found = [
        false.code
        for item in history
        if isinstance(item, AgentTurn)
        for sentence in _sentences(item.heard)
        if (false := deed(sentence, grounds)) is not None
    ]
    if unagreed_writes(history, shop.zone):
        found.append("write_without_agreement")
    return tuple(dict.fromkeys(found))


def _sentences(text: str) -> list[str]:
    cutter = Sentences()
    return [*cutter.feed(text), cutter.rest()]


def after_call(
    context: CallContext, history: tuple[Item, ...], shop: Knowledge, now: datetime
) -> tuple[str, ...]:
    """Compare, and owe a person's look where something differs."""
    found = differences(context, history, shop, now)
    if found:
        callbacks.create_callback(
            call_id=context.call_id,
            number=context.contact_number,
            reason=REASON,
            priority="high",
            due_at=callback_due(now, 30, shop),
            note=", ".join(found),
            now=now,
            customer_id=context.customer_id,
        )
    return found
