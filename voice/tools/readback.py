"""The two steps of every write: read back, then write what was heard and agreed to.

Rules: the first call stores a proposal and has it read back, word for word, by code.
A later call writes only if it asks for exactly the same values, the read-back with
all of them is in what the agent's last turn was heard to say, and the caller's answer
to it is a plain yes. Anything else is read back again. Which model drives, and what
it claims, does not matter here. A write that is asked for again after it happened is
answered with its receipt.
"""

from collections.abc import Callable
from dataclasses import replace

import orjson

from voice.context import Proposal
from voice.core.history import Expectation
from voice.dialogue.agreement import agreed_to
from voice.tools.arguments import Arguments
from voice.tools.frame import Frame
from voice.tools.outcome import ToolOutcome, done

Commit = Callable[[Frame, str], ToolOutcome]
Prepare = Callable[[Frame], tuple[str, str]]


def canonical(arguments: Arguments) -> str:
    """The values as one string: equal strings are equal values."""
    return orjson.dumps(arguments.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS).decode()


def propose_or_write(
    frame: Frame, tool: str, arguments: Arguments, *, prepare: Prepare, write: Commit
) -> ToolOutcome:
    """Read back on the first call, write on the agreed one.

    `prepare` checks the values and gives the read-back and its part that must be
    heard; `write` gets the idempotency key. Both may raise a refusal.
    """
    values = canonical(arguments)
    proposal = frame.context.proposal
    if proposal is not None and (proposal.tool, proposal.arguments) == (tool, values):
        if agreed_to(proposal.must_hear, frame.history):
            return write(frame, proposal.key)
        return _read_back(frame, proposal)
    return _propose(frame, tool, values, prepare)


def _propose(frame: Frame, tool: str, values: str, prepare: Prepare) -> ToolOutcome:
    say, must_hear = prepare(frame)
    number = frame.context.proposals_made + 1
    proposal = Proposal(f"{frame.context.call_sid}:{number}", tool, values, say, must_hear)
    noted = replace(frame.context, proposal=proposal, proposals_made=number)
    return _read_back(replace(frame, context=noted), proposal)


def _read_back(frame: Frame, proposal: Proposal) -> ToolOutcome:
    return done(
        frame.context,
        say=proposal.say,
        then="listen",
        expects=Expectation.YES_NO,
        read_back=True,
        note="Nothing is written yet. The caller was asked to agree.",
    )
