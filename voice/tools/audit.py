"""After the call: what was said against what is stored.

Rules: it runs once a call is over, on the record alone. A deed that was heard without
its receipt, or a write that nobody was heard to agree to, becomes a task for a person;
nothing is repaired by itself. Usually it finds nothing, which is the point.
"""

from dataclasses import replace
from datetime import datetime

from calls import callbacks
from calls.due import callback_due
from voice.context import CallContext, Receipt
from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse
from voice.dialogue.deeds import WRITTEN, deed, is_write
from voice.dialogue.grounds import Grounds
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.proof import unagreed_writes
from voice.dialogue.sentences import Sentences

REASON = "said_and_stored_differ"


def differences(
    context: CallContext, history: tuple[Item, ...], shop: Knowledge, now: datetime
) -> tuple[str, ...]:
    """Codes of what does not agree, each once."""
    found = list[str]()
    for n, item in enumerate(history):
        if isinstance(item, AgentTurn):
            grounds = _as_of(n, context, history, shop, now)
            falsehoods = (deed(sentence, grounds) for sentence in _sentences(item.heard))
            found += [false.code for false in falsehoods if false is not None]
    if unagreed_writes(history, shop.zone):
        found.append("write_without_agreement")
    return tuple(dict.fromkeys(found))


def _as_of(
    n: int, context: CallContext, history: tuple[Item, ...], shop: Knowledge, now: datetime
) -> Grounds:
    """What stood when the agent's turn at `n` was over: tools used in a turn come after its begin.

    Whoever spoke since, a receipt was true for the one who heard it.
    """
    later = (k for k in range(n + 1, len(history)) if isinstance(history[k], CallerTurn))
    upto = history[: next(later, len(history))]
    written = sum(isinstance(item, ToolUse) and is_write(item) for item in upto)
    receipts = _receipts_of(context, written)
    return Grounds(replace(context, receipts=receipts), shop, upto, now)


def _receipts_of(context: CallContext, written: int) -> tuple[Receipt, ...]:
    """The receipts of the first `written` writes; what was moved, cancelled or closed later stood."""
    own_id = context.customer_id
    stood = [Receipt("booked", start, customer_id=own_id) for start in context.closed_visits]
    kept, seen = list[Receipt](), 0
    for receipt in context.receipts:
        own = replace(receipt, customer_id=own_id)
        seen += receipt.kind in WRITTEN
        if seen + (receipt.kind == "was") <= written:
            kept.append(own)
        elif receipt.kind in ("was", "cancelled"):
            stood.append(replace(own, kind="booked"))
    return (*stood, *kept)


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
