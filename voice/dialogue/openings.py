"""The first words of a call, by its direction and purpose.

Rules: pure. Every call is told at once that it is automated and may be recorded. An
inbound caller is greeted by first name only where exactly one customer has the number
and the carrier does not call it forged; nothing else follows from it. An outbound call
names the company first and gives no reason, car or date.
"""

from dataclasses import replace

from voice.context import CallContext
from voice.core.events import CallStarted
from voice.core.history import Expectation
from voice.dialogue.knowledge import Knowledge

NOTICE = "I'm the automated assistant. This call may be recorded and transcribed."


def opening(context: CallContext, shop: Knowledge) -> CallStarted:
    """The greeting, and what kind of answer it awaits."""
    if context.direction == "outbound":
        return _outbound(context, shop)
    name = context.greet_name if shop.greet_by_name else ""
    hello = f"Hi {name}, thanks" if name else "Thanks"
    return CallStarted(f"{hello} for calling {shop.shop_name} service. {NOTICE} How can I help?")


def notice_outbound(shop: Knowledge) -> str:
    """What everybody whom we ring hears first."""
    return f"Hello, this is the automated assistant calling for {shop.legal_name}. This call may be recorded."


def _outbound(context: CallContext, shop: Knowledge) -> CallStarted:
    return CallStarted(
        f"{notice_outbound(shop)} May I speak with {context.party_name}?",
        uninterruptible=True,
        expects=Expectation.YES_NO,
    )


def opened(context: CallContext) -> CallContext:
    """The context once the greeting is out: the question it put, the flow it began."""
    talk = context.dialogue
    if context.direction == "outbound":
        goal = "follow_up" if context.purpose == "follow_up" else "remind"
        return replace(context, dialogue=replace(talk, goal=goal, asked="party"))
    known = True if context.candidate_ids else talk.known
    return replace(context, dialogue=replace(talk, asked="goal", known=known))
