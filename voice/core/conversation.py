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

The caller's side is hearing.py, the agent's mouth speaking.py, its mind replying.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import partial

from voice.core import effects as do
from voice.core import events
from voice.core.endpointing import Endpointing, Wholeness, look_at
from voice.core.expectations import infer
from voice.core.hearing import CallerWords, Hearing
from voice.core.history import CallerTurn, Expectation, History
from voice.core.keypad import Keypad
from voice.core.overlap import Overlap, is_answer, judge, words_of
from voice.core.replying import Fillers, Outcome, ReplyPiece, RunningTool, Thinking
from voice.core.speaking import Remnant, Speaking
from voice.core.timing import TurnSettings

_HOLD = 1.2  # seconds that the agent's first words wait for a caller who seems to speak
_WORDS_LAG = 0.6  # seconds that words come behind the silence after them
_THEN = ("model", "listen", "hang_up", "hand_over")  # of several tools, the last of these decides


class Floor(Enum):
    """Whose move it is."""

    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Closing:
    """The call is to end once everything was said. `firm`: the caller cannot stop it."""

    how: str
    firm: bool = False


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
        self._settings = settings or TurnSettings()
        self._redact = redact
        self._out: list[do.Effect] = []
        emit = self._out.append
        self.history = History()
        self._endpointing = Endpointing()
        self._hearing = Hearing(self._settings, self._endpointing)
        self._keypad = Keypad()
        self._speaking = Speaking(self._settings, self.history, emit)
        self._thinking = Thinking(self._settings, self.history, self._speaking, emit)
        self._fillers = Fillers(self._settings)
        self._emit = emit
        self._now = 0.0
        self._started_at: float | None = None
        self._ended = False
        self._closing: Closing | None = None
        self._says: list[tuple[str, Expectation]] = []
        self._then: str | None = None
        self._taken_back: tuple[list[Remnant], bool] | None = None
        self._failures = 0
        self._guesses = 0
        self._key_at = 0.0
        self._hearing_lost_at: float | None = None
        self._noise_since: float | None = None
        self._began_over_agent = False
        self._left_at_words = 0.0
        self._was_waiting = False
        self._waiting_since = 0.0
        self._patience = 0
        self.deadline: float | None = None

    # ---- the entrance ---------------------------------------------------------------

    @property
    def expects(self) -> Expectation:
        """What kind of answer the agent is waiting for."""
        return self._speaking.expects

    @property
    def floor(self) -> Floor:
        """Whose move it is."""
        if self._ended:
            return Floor.ENDED
        if self._speaking.begun:
            return Floor.SPEAKING
        busy = self._thinking.busy or self._thinking.owed or self._speaking.busy
        return Floor.THINKING if busy else Floor.LISTENING

    def handle(self, event: events.Event, now: float) -> list[do.Effect]:
        """Take in what happened; give what is to be done, in order."""
        self._now = now
        if self._ended:
            if isinstance(event, events.ToolFinished):
                self._thinking.finish_tool(event)
        else:
            self._dispatch(event)
            self._settle()
            self._ring()
            self._arm()
        effects = list(self._out)
        self._out.clear()
        return effects

    def _dispatch(self, event: events.Event) -> None:  # noqa: C901 - one line per event
        match event:
            case events.ClauseAudio():
                self._play(event)
            case events.TranscriptHeard():
                self._hear(event)
            case events.ReplyText() | events.ToolRequested():
                self._think(event)
            case events.ReplyFinished() | events.ReplyFailed():
                self._think(event)
            case events.ClauseFinished():
                self._speaking.made(event.clause_id, self._now)
            case events.MarkReached():
                self._speaking.mark(event.name, self._now)
            case events.SpeechStarted():
                self._hear_onset()
            case events.SpeechStopped():
                self._hear_silence()
            case events.UtteranceEnded():
                self._hearing.utterance_ended(event.cause, self._now)
                self._speculate()
            case events.EndExpected():
                self._speculate()
            case events.ToolFinished():
                self._use(event)
            case events.SpeechFailed():
                if not self._speaking.failed(event.clause_id, self._now):
                    self._lose_voice()
            case events.KeyPressed():
                self._take_key(event.digit)
            case events.HearingLost():
                self._lose_hearing(event)
            case events.HearingRestored():
                self._hearing_lost_at = None
            case events.PaceChanged():
                self._endpointing.pace = event.pace
            case events.CloseRequested():
                self._close_with(event.say, event.how)
            case events.CallStarted():
                self._start(event)
            case events.CallEnded():
                self._end()
            case events.DeadlinePassed():
                pass  # `_ring` looks at the clock after every event

    def _settle(self) -> None:
        """After every event: go on as far as the facts allow."""
        while not self._ended and self._step():
            pass

    def _step(self) -> bool:
        """Make one move, if the facts allow one."""
        over_at = self._over_at()
        if over_at is not None and over_at <= self._now:
            self._hear_out()
        elif self._closing and self._closing.firm and self._is_quiet():
            self._close(self._closing.how)
        elif self._caller_has_floor():
            return False
        elif self._taken_back is not None:
            self._give_back()
        elif self._says and not self._speaking.paused_since:
            text, expects = self._says.pop(0)
            self._speaking.say(text, self._now, expects=expects)
        elif self._then is not None and not self._thinking.busy:
            self._go_on_after_tools()
        elif self._thinking.owed and not self._thinking.busy and not self._closing:
            self._ask()
        elif self._closing and self._is_quiet():
            self._close(self._closing.how)
        else:
            return False
        return True

    # ---- every wait, and what happens when it was in vain -----------------------------

    def _waits(self) -> Iterator[tuple[float | None, Callable[[], object]]]:
        """All that is waited for: until when, and what to do then."""
        settings, speaking, thinking = self._settings, self._speaking, self._thinking
        if self._started_at is not None and not (self._closing and self._closing.firm):
            phrase = settings.phrases.time_is_up
            yield self._started_at + settings.longest_call, partial(self._give_up, phrase)
        yield self._over_at(), self._hear_out
        yield speaking.audio_due, self._voice_is_late
        yield speaking.marks_due, lambda: speaking.give_up_marks(self._now)
        yield self._hold_until(), self._release
        yield self._pause_at(), self._pause
        yield self._resume_at(), self._resume
        if thinking.reply is not None:
            yield thinking.reply.due, self._reply_is_late
        for tool in thinking.tools.values():
            yield tool.due, partial(self._tool_is_late, tool)
            if not (speaking.busy or self._hearing.words):
                yield tool.filler_at, partial(self._fill, tool)
        if self._keypad:
            yield self._key_at + settings.keypad_gap, self._finish_keys
        if self._hearing_lost_at is not None:
            lost_until = self._hearing_lost_at + settings.hearing_loss
            yield lost_until, partial(self._give_up, settings.phrases.cannot_hear)
        elif self._is_waiting():
            yield self._patience_ends_at(), self._lose_patience

    def _ring(self) -> None:
        """Do what is due by now."""
        while not self._ended:
            self._note_waiting()
            at, action = self._next_wait()
            if at is None or at > self._now:
                return
            action()
            self._settle()

    def _note_waiting(self) -> None:
        """Remember since when it is the caller's move; before anybody looks at that wait."""
        waiting = not self._ended and self._is_waiting()
        if waiting and not self._was_waiting:
            self._waiting_since = self._now
        self._was_waiting = waiting

    def _arm(self) -> None:
        """Say when to be woken."""
        self.deadline = None if self._ended else self._next_wait()[0]

    def _next_wait(self) -> tuple[float | None, Callable[[], object]]:
        waits = [(at, action) for at, action in self._waits() if at is not None]
        return min(waits, key=lambda wait: wait[0], default=(None, self._settle))

    # ---- facts ------------------------------------------------------------------------

    def _agent_has_floor(self) -> bool:
        return self._speaking.busy or self._thinking.generating

    def _caller_has_floor(self) -> bool:
        """Whether the caller is in the middle of a turn, or of a number."""
        if self._keypad:
            return True
        if not self._hearing.words:
            return False
        return not self._agent_has_floor() or self._verdict().takes_floor

    def _is_quiet(self) -> bool:
        """Whether nothing is being said or done, or owed, by the agent."""
        return not (self._speaking.busy or self._thinking.busy or self._says)

    def _is_waiting(self) -> bool:
        """Whether only the caller can bring the call forward."""
        owed = self._thinking.owed or self._closing or self._keypad or self._hearing.words
        return self._started_at is not None and self._is_quiet() and not owed

    def _verdict(self) -> Overlap:
        """What the caller's words mean, while the agent has the floor."""
        if self._hearing.typed:
            return Overlap.COMMAND
        return judge(
            self._hearing.words,
            agent_words=self._speaking.words_so_far(self._now) if self._began_over_agent else [],
            closing=self._closing is not None,
            confidence=self._hearing.confidence,
        )

    def _answers_early(self) -> bool:
        """Whether a "yes" comes so near the end of a question that it is the answer."""
        speaking = self._speaking
        return (
            self.expects is Expectation.YES_NO
            and speaking.last_words_made
            and speaking.paused_since is None
            and is_answer(self._hearing.words)
            and self._left_at_words <= self._settings.answer_tail
        )

    def _over_at(self) -> float | None:
        """When the caller's turn is over, None while it is kept for after the agent's words."""
        if not self._hearing.words:
            return None
        if self._speaking.busy and (not self._speaking.interruptible or self._answers_early()):
            return None
        return self._hearing.over_at(self.expects)

    def _hold_until(self) -> float | None:
        """How long the agent's first words are kept back for a caller who seems to speak."""
        held_since, silent_since = self._speaking.held_since, self._hearing.silent_since
        if held_since is None:
            return None
        stopped = silent_since is not None and not self._hearing.speaking
        return silent_since + _WORDS_LAG if stopped and silent_since else held_since + _HOLD

    def _pause_at(self) -> float | None:
        """When speech over the agent has been too long for a cough or a nod."""
        since, speaking = self._hearing.speaking_since, self._speaking
        if since is None or since == self._noise_since or speaking.paused_since is not None:
            return None
        if not (speaking.interruptible and speaking.audible(self._now)):
            return None
        nod = self._verdict() in (Overlap.NOD, Overlap.ECHO)
        return since + (self._settings.too_long_backchannel if nod else self._settings.too_long)

    def _resume_at(self) -> float | None:
        """When a pause was for nothing."""
        paused_since, silent_since = self._speaking.paused_since, self._hearing.silent_since
        if paused_since is None:
            return None
        if silent_since is None:
            return paused_since + self._settings.pause
        return max(paused_since, silent_since) + _WORDS_LAG

    def _patience_ends_at(self) -> float:
        """When a silent caller is spoken to; noise on the line buys a little time."""
        settings = self._settings
        wait = (settings.still_there, settings.hold_on, settings.idle_goodbye)[self._patience]
        wait *= max(1.0, self._endpointing.pace)
        return self._waiting_since + wait + (settings.noise_grace if self._hearing.speaking else 0)

    # ---- the caller speaks ------------------------------------------------------------

    def _hear_onset(self) -> None:
        self._hearing.speech_started(self._now)
        self._note_overlap()

    def _note_overlap(self) -> None:
        """Remember what the agent was saying when the caller began."""
        if not self._hearing.words:
            self._began_over_agent = self._speaking.audible(self._now)
            self._left_at_words = self._speaking.seconds_left(self._now)

    def _hear_silence(self) -> None:
        if self._hearing.speech_stopped(self._now):
            self._emit(do.FinalizeHearing())
        self._speculate()

    def _hear(self, event: events.TranscriptHeard) -> None:
        """Words came: the caller takes the floor, or goes on, or only nods."""
        if not self._hearing.speaking:
            self._note_overlap()
        changed = self._hearing.transcript(
            event.text, final=event.final, confidence=event.confidence, now=self._now
        )
        if changed and self._thinking.speculating:
            self._thinking.cancel()
        verdict = self._verdict()
        if verdict is Overlap.ECHO and event.final:
            self._drop_words()
        elif self._agent_has_floor() and verdict.takes_floor:
            self._yield_floor()
        elif self._hearing.silent_since is not None or self._looks_whole():
            self._speculate()

    def _yield_floor(self) -> None:
        """The caller takes the floor: words are cancelled, tools are not."""
        if not self._speaking.interruptible or (self._closing and self._closing.firm):
            return
        cancelled = self._thinking.cancel()
        remnants = self._speaking.cut(self._now) if self._speaking.busy else []
        self._taken_back = (remnants, cancelled or not remnants)
        self._closing = None

    def _give_back(self) -> None:
        """The caller did not want the floor after all: the agent goes on."""
        assert self._taken_back is not None
        remnants, asks_again = self._taken_back
        self._taken_back = None
        self._speaking.restore(remnants, self._now)
        self._thinking.owed = self._thinking.owed or asks_again

    def _hear_out(self) -> None:
        """The caller has finished: it was a turn, or a nod to forget."""
        unsure = self._agent_has_floor() or self._taken_back is not None
        if unsure and not self._verdict().takes_floor:
            self._drop_words()
            self._resume()
        else:
            self._take_turn()

    def _drop_words(self) -> None:
        self._hearing.drop(self._now)
        if self._thinking.speculating:
            self._thinking.cancel()

    def _take_turn(self) -> None:
        """The caller's turn is over: a reply is due."""
        thinking = self._thinking
        words = self._write_down()
        self._speaking.answer(words.ended_at, self._now)
        self._taken_back = None
        self._patience = self._guesses = 0
        thinking.turn += 1
        thinking.steps = 0
        thinking.unanswered.append(words.text)
        pieces = thinking.commit(tuple(words_of(words.text)), self._now)
        thinking.owed = pieces is None
        if self._closing and not self._closing.firm:
            self._closing = None
        for piece in pieces or ():
            self._think(piece)

    def _write_down(self) -> CallerWords:
        """The caller's words become a turn of the history, without private values."""
        words = self._hearing.take(self._now)
        text = self._redact(words.text, self.expects)
        turn = CallerTurn(text, self._ms(words.started_at), self._ms(words.ended_at))
        self.history.place(turn)
        self._emit(do.RecordTurn(turn))
        return words

    def _take_key(self, key: str) -> None:
        """A key was pressed: that too takes the floor."""
        if self._agent_has_floor():
            self._yield_floor()
        self._key_at = self._now
        self._take_keyed(self._keypad.press(key, self.expects))

    def _finish_keys(self) -> None:
        self._take_keyed(self._keypad.finish(self.expects))

    def _take_keyed(self, words: str | None) -> None:
        if words is not None:
            self._drop_words()
            self._hearing.type(words, self._now)

    # ---- the agent thinks -------------------------------------------------------------

    def _ask(self) -> None:
        """Ask for the reply that is owed, unless tools go round in circles."""
        if self._thinking.steps >= self._settings.tool_steps:
            self._give_up(self._settings.phrases.trouble)
        else:
            self._thinking.ask(self._now)

    def _speculate(self) -> None:
        """The caller may be done: begin a reply, to be heard only if that was so."""
        settings, words = self._settings, self._hearing.words
        idle = self._thinking.reply is None and not self._thinking.tools and self._is_quiet()
        if not (settings.speculate and words and idle) or self._guesses >= settings.speculations:
            return
        self._guesses += 1
        turn = CallerTurn(self._redact(words, self.expects), ended_ms=self._ms(self._now))
        self._thinking.speculate(turn, words, tuple(words_of(words)), self._now)

    def _looks_whole(self) -> bool:
        words = self._hearing.words
        return bool(words) and look_at(self.expects, words) is Wholeness.WHOLE

    def _think(self, piece: ReplyPiece) -> None:
        self._judge(self._thinking.take(piece, self._now))

    def _reply_is_late(self) -> None:
        self._judge(self._thinking.late(self._now))

    def _judge(self, outcome: Outcome) -> None:
        """A reply that came to nothing is made up for once; the second time a person helps."""
        phrases = self._settings.phrases
        if outcome is Outcome.DONE:
            self._failures = 0
        elif outcome in (Outcome.EMPTY, Outcome.FAILED):
            self._failures += 1
            if self._failures > 1:
                self._give_up(phrases.trouble)
            elif outcome is Outcome.EMPTY:
                self._speaking.say(phrases.say_again, self._now)
            else:
                self._speaking.say(phrases.one_moment, self._now)
                self._thinking.owed = True

    # ---- tools ------------------------------------------------------------------------

    def _use(self, event: events.ToolFinished) -> None:
        """A tool came back: say what it wants said, and see who goes on."""
        tool = self._thinking.finish_tool(event)
        if tool is None:
            return
        overtaken = tool.turn != self._thinking.turn
        if event.say and not (event.then == "listen" and overtaken):
            self._says.append((event.say, event.expects or infer(event.say)))
        if self._then is None or _THEN.index(event.then) > _THEN.index(self._then):
            self._then = event.then

    def _go_on_after_tools(self) -> None:
        """All tools came back. A caller who has spoken meanwhile is answered first."""
        then, self._then = self._then, None
        if self._closing and self._closing.firm:
            return
        if then == "model":
            self._thinking.owed = True
        elif then == "hand_over" or (then == "hang_up" and not self._thinking.owed):
            self._thinking.owed = False
            self._closing = Closing(then)

    def _tool_is_late(self, tool: RunningTool) -> None:
        self._use(self._thinking.tool_late(tool))

    def _fill(self, tool: RunningTool) -> None:
        """A tool is slow: say that it is being looked at."""
        tool.filler_at = self._now + self._settings.filler_again
        text = self._fillers.choose(tool.use.name)
        if text is not None:
            self._speaking.say(text, self._now)

    # ---- the agent speaks -------------------------------------------------------------

    def _start(self, event: events.CallStarted) -> None:
        if self._started_at is not None:
            return
        self._started_at = self._speaking.started_at = self._now
        self._speaking.say(
            event.greeting,
            self._now,
            expects=event.expects,
            interruptible=not event.uninterruptible,
        )

    def _play(self, event: events.ClauseAudio) -> None:
        """Audio goes out, unless the caller has just begun to speak."""
        since, speaking = self._hearing.speaking_since, self._speaking
        just_began = since is not None and self._now - since < _HOLD
        if just_began and speaking.held_since is None and speaking.interruptible:
            if not speaking.audible(self._now):
                speaking.hold(self._now)
        speaking.audio(event.clause_id, event.audio, self._now)
        if speaking.begun:
            self._thinking.unanswered.clear()

    def _release(self) -> None:
        """The line was loud, and no words came: that does not hold the agent up again."""
        self._noise_since = self._hearing.speaking_since
        self._speaking.release(self._now)

    def _pause(self) -> None:
        self._speaking.pause(self._now)

    def _resume(self) -> None:
        """It was a cough: go on from the word where the agent stopped."""
        if self._speaking.paused_since is not None:
            self._noise_since = self._hearing.speaking_since
            self._speaking.resume(self._now)

    def _voice_is_late(self) -> None:
        if not self._speaking.retry_late(self._now):
            self._lose_voice()

    def _lose_voice(self) -> None:
        """The voice is gone: say so, which a ready-made clip can do; if even that fails, close."""
        if self._closing and self._closing.firm:
            self._close(self._closing.how)
        else:
            self._give_up(self._settings.phrases.trouble)

    def _lose_patience(self) -> None:
        """The caller is silent: ask, wait, and at last say goodbye."""
        phrases = self._settings.phrases
        text = (phrases.still_there, phrases.hold_on, phrases.idle_goodbye)[self._patience]
        self._speaking.say(text, self._now)
        if text == phrases.idle_goodbye:
            self._closing = Closing("hang_up")
            self._patience = 0
        else:
            self._patience += 1

    # ---- the end ----------------------------------------------------------------------

    def _lose_hearing(self, event: events.HearingLost) -> None:
        if self._closing and self._closing.firm:
            return
        if event.for_good:
            self._give_up(self._settings.phrases.cannot_hear)
        elif self._hearing_lost_at is None:
            self._hearing_lost_at = self._now

    def _give_up(self, phrase: str) -> None:
        """Something is broken: say so once, then a person takes over."""
        if not (self._closing and self._closing.firm):
            self._close_with(phrase, "hand_over")

    def _close_with(self, text: str, how: str) -> None:
        """End the call after these words, whatever the caller says to them."""
        self._thinking.cancel()
        self._thinking.owed = False
        self._hearing_lost_at = self._taken_back = None
        if self._speaking.busy:
            self._speaking.cut(self._now)
        self._closing = Closing(how, firm=True)
        if text:
            self._speaking.say(text, self._now, interruptible=False)

    def _close(self, how: str) -> None:
        self._emit(do.CloseCall(how))
        self._end()

    def _end(self) -> None:
        """Nothing more is said or heard; only tools still at work will be noted."""
        self._thinking.cancel()
        if self._speaking.busy:
            self._speaking.cut(self._now)
        if self._hearing.words:
            self._write_down()
        self._ended = True

    def _ms(self, instant: float) -> int:
        return round((instant - self._speaking.started_at) * 1000)
