"""The local dialogue model: a turn in, a reply out.

Rules: pure. First what came back from a tool, then what the caller said, then the
flow's next step. It says nothing that a tool, the shop's facts or the caller has not
said first. What it does not understand it says so, rewords its question, and after
three times lets a person help.
"""

from dataclasses import replace

from voice.core.history import AgentTurn, CallerTurn, Expectation
from voice.dialogue.local import cues, words
from voice.dialogue.local.absorb import absorb, take_need
from voice.dialogue.local.answers_when import waits_here
from voice.dialogue.local.asking import ask
from voice.dialogue.local.flows import advance
from voice.dialogue.local.handing import give_up
from voice.dialogue.local.results import take_in
from voice.dialogue.local.turn import Plan, Turn, say, use
from voice.dialogue.local.understand import Understanding
from voice.dialogue.openings import NOTICE

PATIENCE = 3
"""How often in a row the caller is not understood before a person is offered."""


MOST_REFUSALS = 6
"""Read-backs of one wish that are not agreed to before a person is offered."""


def plan(turn: Turn) -> Plan:
    """The reply to this turn."""
    if turn.heard is None:
        return advance(take_in(turn))
    return _answer(turn, turn.heard)


def _answer(turn: Turn, said: Understanding) -> Plan:
    if said.repeat and not said.goals:
        return _say_again(turn)
    if said.holds and not waits_here(turn, said):
        return say(turn, words.NO_HURRY)
    if cues.IS_THIS.search(said.text) and turn.talk.goal in ("", "more") and said.guessed:
        told = f"Yes, this is {turn.knowledge.shop_name} service."
        return ask(turn, turn.talk.goal or "goal", before=told)
    if cues.HAGGLES.search(said.text) and turn.talk.asked != "confirm":
        return _after_need(turn, said).after(words.NO_HAGGLING)
    if said.goodbye and _may_leave(turn, said):
        return use(turn.at(goal="leave", asked=""), "end_call", outcome="done")
    turn = turn.at(refusals=_refusals(turn, said))
    if turn.talk.refusals >= MOST_REFUSALS:
        return give_up(turn)
    taken = absorb(turn, said)
    if isinstance(taken, Plan):
        return _understood(taken)
    if taken is None:
        return _not_understood(turn, said)
    return advance(_fresh(taken))


def _refusals(turn: Turn, said: Understanding) -> int:
    """How many read-backs were not agreed to, this one counted; what was done before is done."""
    if turn.talk.goal == "more":
        return 0
    if turn.talk.asked != "confirm" or turn.context.proposal is None:
        return turn.talk.refusals
    return turn.talk.refusals + (not said.leans_yes)


def _after_need(turn: Turn, said: Understanding) -> Plan:
    """The question again, with the service that was named beside it."""
    return advance(take_need(turn, said)) if turn.talk.goal else ask(turn, "goal")


def _may_leave(turn: Turn, said: Understanding) -> bool:
    """A goodbye, unless it is part of an answer, or a "hi" that was misheard as "bye"."""
    first = not any(isinstance(item, CallerTurn) for item in turn.history[:-1])
    greets = first and bool(cues.BYE_FOR_HI.match(said.text))
    free_text = turn.talk.asked in ("message", "went_wrong", "good_note")
    return not (greets or free_text or turn.talk.asked == "confirm")


def _fresh(turn: Turn) -> Turn:
    return turn.at(misunderstood=0)


def _understood(plan_made: Plan) -> Plan:
    talk = replace(plan_made.context.dialogue, misunderstood=0)
    return replace(plan_made, context=replace(plan_made.context, dialogue=talk))


def _say_again(turn: Turn) -> Plan:
    """The last thing said, in full, whether it was heard or not."""
    last = next((item for item in reversed(turn.history) if isinstance(item, AgentTurn)), None)
    if turn.talk.asked == "confirm" and turn.context.proposal:
        return say(turn, turn.context.proposal.say, Expectation.YES_NO)
    if last is None:
        return advance(turn)
    if NOTICE in last.text:
        return ask(turn, "goal", before=f"This is {turn.knowledge.shop_name} service.")
    return say(turn, last.text)


def _not_understood(turn: Turn, said: Understanding) -> Plan:
    count = turn.talk.misunderstood + 1
    turn = turn.at(misunderstood=count, tries=turn.talk.tries + 1)
    if count >= PATIENCE:
        return give_up(turn)
    if turn.talk.asked == "confirm" and turn.context.proposal:
        return say(turn, f"Sorry, was that a yes? {turn.context.proposal.say}", Expectation.YES_NO)
    made = advance(turn)
    if made.words.startswith("Sorry"):
        return made
    return made.after(words.SORRY[min(count, len(words.SORRY)) - 1])
