"""Who has the floor: the turn-taking of one call, without any I/O.

Theory of operation. `handle(event, now)` is the only entrance; what is to be done
comes back as effects, in order. An event changes facts (what the caller said, what
the agent is saying, which reply and which tools are at work, what is owed); then
`_settle` goes on as far as the facts allow, to a fixed point. The floor is not a
variable that could be wrong; it is read from the facts.

    LISTENING   nothing is being said or thought: the caller's move
    THINKING    a reply is in the making or a tool runs, and nothing is audible yet
    SPEAKING    words of the agent are on their way to the caller's ear
    ENDED       for good

Rules:
1.  An event that no longer matters is ignored, because the edges race.
2.  Every wait is in `_waits`, with what happens when it was in vain. While a call
    lasts, `deadline` is never None.
3.  A caller who takes the floor cancels words, never tools.
4.  A speculative reply is neither heard nor acted on before the caller's turn is over.
5.  What was not heard was not said.
6.  What code says (a greeting, a read-back, a receipt, an apology) goes the way of a
    reply's words. The reply after a tool is asked for while earlier words still play.
7.  What is owed (a reply, a goodbye) is paid once floor, tools and caller allow.

The caller's side is hearing.py, the agent's mouth speaking.py, its mind replying.py; the
moves that join them are moves.py. This file knows when each move is due.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial

from voice.core import effects as do
from voice.core import events
from voice.core.history import Expectation, History
from voice.core.moves import Moves
from voice.core.timing import TurnSettings

Wait = tuple[float | None, Callable[[], object]]
"""Until when something is waited for (None: it is not), and what to do then."""


class Floor(Enum):
    """Whose move it is."""

    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    ENDED = "ended"


class Conversation:
    """One call. `now` is seconds of any clock that only goes forward.

    `redact(text, expects)` takes private values out of a caller's words before they
    enter the history; it is pure.
    """

    def __init__(
        self,
        *,
        redact: Callable[[str, Expectation], str],
        settings: TurnSettings | None = None,
    ) -> None:
        self._out: list[do.Effect] = []
        self._settings = settings or TurnSettings()
        self._moves = Moves(redact, self._settings, self._out.append)
        self.deadline: float | None = None

    @property
    def history(self) -> History:
        """What was said and done so far."""
        return self._moves.history

    @property
    def expects(self) -> Expectation:
        """What kind of answer the agent is waiting for."""
        return self._moves.expects

    @property
    def pace(self) -> float:
        """By what waits for the caller are multiplied."""
        return self._moves.pace.pace

    @property
    def floor(self) -> Floor:
        """Whose move it is."""
        moves = self._moves
        if moves.ended:
            return Floor.ENDED
        if moves.speaking.begun:
            return Floor.SPEAKING
        busy = moves.thinking.busy or moves.thinking.owed or moves.speaking.busy
        return Floor.THINKING if busy else Floor.LISTENING

    def handle(self, event: events.Event, now: float) -> list[do.Effect]:
        """Take in what happened; give what is to be done, in order."""
        self._moves.now = now
        if not self._moves.ended:
            self._dispatch(event)
            self._settle()
            self._ring()
        elif isinstance(event, events.ToolFinished):
            self._moves.thinking.finish_tool(event)
        effects = list(self._out)
        self._out.clear()
        return effects

    # ---- what an event means --------------------------------------------------------

    def _dispatch(self, event: events.Event) -> None:
        """Note what happened. DeadlinePassed is none of it: the clock is looked at anyway."""
        if not self._from_caller(event):
            self._from_within(event)

    def _from_caller(self, event: events.Event) -> bool:
        """What the caller did, as ear, keypad and telephone report it. Whether it was that."""
        moves = self._moves
        match event:
            case events.TranscriptHeard():
                moves.hear(event)
            case events.SpeechStarted():
                moves.hear_onset()
            case events.SpeechStopped():
                moves.hear_silence(event)
            case events.UtteranceEnded(cause=cause):
                moves.hear_end(cause)
            case events.EndExpected():
                moves.speculate()
            case events.KeyPressed(digit=digit):
                moves.take_key(digit)
            case events.HearingLost(for_good=for_good):
                moves.lose_hearing(for_good=for_good)
            case events.HearingRestored():
                moves.hearing_lost_at = None
            case events.CallEnded():
                moves.end()
            case _:
                return False
        return True

    def _from_within(self, event: events.Event) -> None:
        """What came of the agent's own work: mind, tools, voice, and the marks of what was played."""
        moves = self._moves
        match event:
            case events.CallStarted():
                moves.start(event)
            case (
                events.ReplyText()
                | events.ToolRequested()
                | events.ReplyFinished()
                | events.ReplyFailed()
            ):
                moves.think(event)
            case events.ToolFinished():
                moves.use(event)
            case events.ClauseAudio():
                moves.play(event)
            case events.ClauseFinished(clause_id=clause_id):
                moves.speaking.made(clause_id, moves.now)
            case events.SpeechFailed(clause_id=clause_id):
                moves.fail_speech(clause_id)
            case events.MarkReached(name=name):
                moves.speaking.mark(name, moves.now)
            case events.PaceChanged(pace=pace):
                moves.pace.pace = pace
            case events.CloseRequested(how=how, say=say):
                moves.close_with(say, how)

    # ---- what follows from it -------------------------------------------------------

    def _settle(self) -> None:
        """Go on as far as the facts allow."""
        while not self._moves.ended and self._step():
            pass

    def _step(self) -> bool:
        """Make the one move that is due, in this order. Whether there was one."""
        moves = self._moves
        over_at = moves.turn_over_at()
        if over_at is not None and over_at <= moves.now:
            moves.hear_out()
        elif moves.closing and moves.closing.firm and moves.is_quiet():
            moves.close(moves.closing)
        elif moves.caller_has_floor():
            return False
        elif moves.yielded:
            moves.take_floor_back(moves.yielded)
        else:
            return self._pay_what_is_owed()
        return True

    def _pay_what_is_owed(self) -> bool:
        """The caller does not speak: say, decide, answer or close. Whether one of these was due."""
        moves, thinking = self._moves, self._moves.thinking
        if moves.errands.has_sentences and moves.speaking.paused_since is None:
            moves.say_sentence()
        elif moves.errands.has_wish and not thinking.busy:
            moves.go_on_after_tools()
        elif thinking.owed and not thinking.busy and not moves.closing:
            moves.ask()
        elif moves.closing and moves.is_quiet():
            moves.close(moves.closing)
        else:
            return False
        return True

    # ---- every wait, and what happens when it was in vain ------------------------------

    def _waits(self) -> Iterator[Wait]:
        """All that is waited for now."""
        moves, settings = self._moves, self._settings
        if moves.started_at is not None and not moves.closing_firmly:
            time_is_up = partial(moves.give_up, settings.phrases.time_is_up)
            yield moves.started_at + settings.longest_call, time_is_up
        yield from self._waits_for_caller()
        yield moves.speaking.audio_due, moves.stop_waiting_for_voice
        yield moves.speaking.marks_due, partial(moves.speaking.give_up_marks, moves.now)
        if moves.thinking.reply is not None:
            yield moves.thinking.reply.due, partial(moves.stop_thinking, moves.thinking.reply)
        for tool in moves.thinking.tools.values():
            yield tool.due, partial(moves.stop_waiting, tool)
            if not (moves.speaking.busy or moves.hearing.words):
                yield tool.filler_at, partial(moves.fill, tool)

    def _waits_for_caller(self) -> Iterator[Wait]:
        moves, settings, barge_in = self._moves, self._settings, self._moves.barge_in
        yield moves.turn_over_at(), moves.hear_out
        yield barge_in.hold_until(), moves.release
        yield barge_in.pause_at(moves.now, closing=moves.closing is not None), moves.pause
        yield barge_in.resume_at(), moves.resume
        if moves.keypad:
            yield moves.key_at + settings.keypad_gap, moves.finish_keys
        if moves.hearing_lost_at is not None:
            cannot_hear = partial(moves.give_up, settings.phrases.cannot_hear)
            yield moves.hearing_lost_at + settings.hearing_loss, cannot_hear
        else:
            noisy, pace = moves.hearing.speaking, moves.pace.pace
            yield moves.patience.ends_at(noisy=noisy, pace=pace), moves.ask_if_there

    def _ring(self) -> None:
        """Make the moves that are due by now, and say when the next one will be."""
        while True:
            moves = self._moves
            moves.patience.note(moves.now, waiting=moves.is_callers_move())
            waits = [(at, move) for at, move in self._waits() if at is not None]
            at, move = min(waits, key=lambda wait: wait[0], default=(None, None))
            self.deadline = None if moves.ended else at
            if at is None or move is None or at > moves.now or moves.ended:
                return
            move()
            self._settle()
