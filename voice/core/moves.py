"""The moves of a call: everything that changes who has said, owes or does what.

Rules: a move changes facts and emits effects; it never decides that it is due. That
is conversation.py's part, which knows the events, the clock and the order of moves.
The caller's side is in hearing.py, the agent's mouth in speaking.py, its mind in
replying.py; a move is where they meet.
"""

from collections.abc import Callable

from voice.core import effects as do
from voice.core import events
from voice.core.barge_in import BargeIn
from voice.core.endpointing import Endpointing, Wholeness
from voice.core.errands import Errands
from voice.core.hearing import CallerWords, Hearing
from voice.core.history import CallerTurn, Expectation, History
from voice.core.keypad import Keypad
from voice.core.overlap import Overlap, words_of
from voice.core.patience import Patience
from voice.core.pending import Closing, Yielded
from voice.core.replying import Outcome, Reply, ReplyPiece, RunningTool, Thinking
from voice.core.speaking import Speaking
from voice.core.timing import TurnSettings


class Moves:
    """The facts of one call, and what can be done to them. `now` is set before every move."""

    def __init__(
        self,
        redact: Callable[[str, Expectation], str],
        settings: TurnSettings,
        emit: Callable[[do.Effect], None],
    ) -> None:
        self.settings = settings
        self.phrases = settings.phrases
        self._redact = redact
        self._emit = emit
        self.now = 0.0
        self.started_at: float | None = None
        self.ended = False
        self.history = History()
        self.pace = Endpointing()
        self.hearing = Hearing(settings, self.pace)
        self.keypad = Keypad()
        self.speaking = Speaking(settings, self.history, emit)
        self.thinking = Thinking(settings, self.history, self.speaking, emit)
        self.barge_in = BargeIn(settings, self.hearing, self.speaking)
        self.errands = Errands(settings)
        self.patience = Patience(settings)
        self.closing: Closing | None = None
        self.yielded: Yielded | None = None
        self.hearing_lost_at: float | None = None
        self.key_at = 0.0
        self._turn_ended_at = float("-inf")
        self._failures = 0
        self._guesses = 0

    # ---- facts ------------------------------------------------------------------------

    @property
    def expects(self) -> Expectation:
        """What kind of answer the agent is waiting for."""
        return self.speaking.expects

    @property
    def closing_firmly(self) -> bool:
        """Whether the call will end whatever the caller says."""
        return self.closing is not None and self.closing.firm

    def agent_has_floor(self) -> bool:
        """Whether the agent speaks, or is about to."""
        return self.speaking.busy or self.thinking.generating

    def caller_has_floor(self) -> bool:
        """Whether the caller is in the middle of a turn, or of a number."""
        if self.keypad:
            return True
        if not self.hearing.words:
            return False
        return not self.agent_has_floor() or self.verdict().takes_floor

    def is_quiet(self) -> bool:
        """Whether the agent says nothing, does nothing and has nothing left to say."""
        return not (self.speaking.busy or self.thinking.busy or self.errands.has_sentences)

    def is_callers_move(self) -> bool:
        """Whether only the caller can bring the call forward."""
        owed = self.thinking.owed or self.closing or self.keypad or self.hearing.words
        return self.started_at is not None and self.is_quiet() and not owed

    def verdict(self, *, growing: bool = True) -> Overlap:
        """What the caller's words mean, if the agent has the floor."""
        closing = self.closing is not None
        return self.barge_in.verdict(self.now, closing=closing, growing=growing)

    def turn_over_at(self) -> float | None:
        """When the caller's turn is over if nothing more is heard; None without words,
        and while they are kept for after the agent's."""
        return None if self.barge_in.keeps_words() else self.hearing.over_at(self.expects)

    # ---- the caller speaks ------------------------------------------------------------

    def hear_onset(self) -> None:
        """Something is heard on the line."""
        self.hearing.speech_started(self.now)
        self.barge_in.onset(self.now)

    def hear_silence(self, event: events.SpeechStopped) -> None:
        """The line is quiet again: have the words finished, and think ahead."""
        if self.hearing.speech_stopped(self.now, event.silence, words_follow=event.words_follow):
            self._emit(do.FinalizeHearing())
            if not self._looks_whole():
                return  # its last words are still to come, and then there will be more to go by
        self.speculate()

    def hear_end(self, cause: str) -> None:
        """The recogniser believes that the utterance is over."""
        self.hearing.utterance_ended(cause, self.now)
        self.speculate()

    def hear(self, event: events.TranscriptHeard) -> None:
        """Words came: the caller takes the floor, or goes on, or only nods."""
        if not self.hearing.speaking:
            self.barge_in.onset(self.now)
        changed = self.hearing.transcript(
            event.text, final=event.final, confidence=event.confidence, now=self.now
        )
        if changed and self.thinking.speculating:
            self.thinking.cancel()
        verdict = self.verdict()
        if verdict is Overlap.ECHO and event.final:
            self._drop_words()
        elif self.agent_has_floor() and verdict.takes_floor:
            self.yield_floor()
        elif self.hearing.silent_since is not None or self._looks_whole():
            self.speculate()

    def yield_floor(self) -> None:
        """The caller takes the floor: words are cancelled, tools are not."""
        if not self.speaking.interruptible or self.closing_firmly:
            return
        cancelled = self.thinking.cancel()
        if not self.speaking.begun_by(self.hearing.started_at):  # they had not finished, it seems
            self.pace.was_too_quick(self.hearing.started_at - self._turn_ended_at)
        remnants = self.speaking.cut(self.now) if self.speaking.busy else []
        ask_again = cancelled or not remnants
        self.yielded = Yielded(remnants, ask_again=ask_again, closing=self.closing)
        self.closing = None

    def take_floor_back(self, yielded: Yielded) -> None:
        """The caller did not want the floor after all: the agent goes on."""
        self.yielded, self.closing = None, yielded.closing
        self.speaking.restore(yielded.remnants, self.now)
        self.thinking.owed |= yielded.ask_again and yielded.closing is None

    def hear_out(self) -> None:
        """The caller has finished: it was a turn, or a nod to forget."""
        unsure = self.agent_has_floor() or self.yielded is not None
        if unsure and not self.verdict(growing=False).takes_floor:
            self._drop_words()
            self.resume()
            return
        if self.agent_has_floor():
            self.yield_floor()
        self._take_turn()

    def _take_turn(self) -> None:
        """The caller's turn is over: a reply is due, and perhaps already in the making."""
        words = self.write_down()
        self._turn_ended_at = words.ended_at
        self.pace.remember(words.text)
        self.speaking.answer(words.ended_at, self.now)
        self.patience.restore()
        self.yielded = None
        self._guesses = 0
        if not self.closing_firmly:
            self.closing = None
        pieces = self.thinking.begin_turn(words.text, tuple(words_of(words.text)), self.now)
        for piece in pieces:
            self.think(piece)

    def write_down(self) -> CallerWords:
        """The caller's words become a turn of the history, without private values."""
        words = self.hearing.take(self.now)
        text = self._redact(words.text, self.expects)
        turn = CallerTurn(text, self.ms(words.started_at), self.ms(words.ended_at))
        self.history.place(turn)
        self._emit(do.RecordTurn(turn))
        return words

    def _drop_words(self) -> None:
        self.hearing.drop(self.now)
        if self.thinking.speculating:
            self.thinking.cancel()

    def take_key(self, key: str) -> None:
        """A key was pressed: that too takes the floor. A `#` that ends no number is habit."""
        if key == "#" and not self.keypad:
            return
        if self.agent_has_floor():
            self.yield_floor()
        self.key_at = self.now
        self._take_typed(self.keypad.press(key, self.expects))

    def finish_keys(self) -> None:
        """No more keys are coming."""
        self._take_typed(self.keypad.finish(self.expects))

    def _take_typed(self, words: str | None) -> None:
        if words is not None:
            self._drop_words()
            self.hearing.type(words, self.now)

    # ---- the agent thinks -------------------------------------------------------------

    def ask(self) -> None:
        """Ask for the reply that is owed, unless tools go round in circles."""
        if self.thinking.steps >= self.settings.tool_steps:
            self.give_up(self.phrases.trouble)
        else:
            self.thinking.ask(self.now)

    def speculate(self) -> None:
        """The caller may be done: begin a reply, to be heard only if that was so."""
        words = self.hearing.words
        idle = self.thinking.reply is None and not self.thinking.tools and self.is_quiet()
        allowed = self.settings.speculate and self._guesses < self.settings.speculations
        if words and idle and allowed:
            self._guesses += 1
            turn = CallerTurn(self._redact(words, self.expects), ended_ms=self.ms(self.now))
            self.thinking.speculate(turn, words, tuple(words_of(words)), self.now)

    def _looks_whole(self) -> bool:
        words = self.hearing.words
        return bool(words) and self.pace.look(self.expects, words) is Wholeness.WHOLE

    def think(self, piece: ReplyPiece) -> None:
        """A piece of a reply came in."""
        self._judge(self.thinking.take(piece, self.now))

    def stop_thinking(self, reply: Reply) -> None:
        """The reply is too late."""
        self._judge(self.thinking.give_up(reply, self.now))

    def _judge(self, outcome: Outcome) -> None:
        """A reply that came to nothing is made up for once; the second time a person helps."""
        if outcome is Outcome.GOES_ON:
            return
        self._failures = 0 if outcome is Outcome.DONE else self._failures + 1
        if self._failures > 1:
            self.give_up(self.phrases.trouble)
        elif outcome is Outcome.EMPTY:
            self.speaking.say(self.phrases.say_again, self.now)
        elif outcome is Outcome.FAILED:
            self.speaking.say(self.phrases.one_moment, self.now)
            self.thinking.owed = True

    # ---- tools ------------------------------------------------------------------------

    def use(self, event: events.ToolFinished) -> None:
        """A tool came back."""
        tool = self.thinking.finish_tool(event)
        if tool is not None:
            self.errands.note(event, overtaken=tool.turn != self.thinking.turn)

    def stop_waiting(self, tool: RunningTool) -> None:
        """A tool is too late; nobody knows what it did."""
        self.use(self.thinking.give_up_tool(tool))

    def fill(self, tool: RunningTool) -> None:
        """A tool is slow: say that it is being looked at."""
        tool.filler_at = self.now + self.settings.filler_again
        text = self.errands.choose_filler(tool.use.name)
        if text is not None:
            self.speaking.say(text, self.now)

    def say_sentence(self) -> None:
        """Say what a tool wants said."""
        text, expects = self.errands.next_sentence()
        self.speaking.say(text, self.now, expects=expects)

    def go_on_after_tools(self) -> None:
        """All tools came back. A caller who has spoken meanwhile is answered, not hung up on."""
        then = self.errands.take_wish()
        if self.closing_firmly or then is None or then == "listen":
            return
        if then == "model":
            self.thinking.owed = True
        elif then == "hand_over" or not self.thinking.owed:
            self.thinking.owed = False
            self.closing = Closing(then)

    # ---- the agent speaks -------------------------------------------------------------

    def start(self, event: events.CallStarted) -> None:
        """The call begins with the greeting."""
        if self.started_at is None:
            self.started_at = self.speaking.started_at = self.now
            self.speaking.say(
                event.greeting,
                self.now,
                expects=event.expects,
                interruptible=not event.uninterruptible,
            )

    def play(self, event: events.ClauseAudio) -> None:
        """Audio goes out, unless the caller has just begun to speak."""
        if self.barge_in.must_hold(self.now):
            self.speaking.hold(self.now)
        self.speaking.audio(event.clause_id, event.audio, self.now)
        if self.speaking.has_answered:
            self.thinking.unanswered.clear()

    def release(self) -> None:
        """The line was loud and no words came: speak."""
        self.barge_in.call_it_noise()
        self.speaking.release(self.now)

    def pause(self) -> None:
        """The caller may want the floor: be quiet."""
        self.speaking.pause(self.now)

    def resume(self) -> None:
        """It was a cough: go on from the word where the agent stopped."""
        if self.speaking.paused_since is not None:
            self.barge_in.call_it_noise()
            self.speaking.resume(self.now)

    def fail_speech(self, clause_id: int) -> None:
        """The voice could not make a clause."""
        if not self.speaking.failed(clause_id, self.now):
            self._lose_voice()

    def stop_waiting_for_voice(self) -> None:
        """The voice hangs."""
        if not self.speaking.retry_late(self.now):
            self._lose_voice()

    def _lose_voice(self) -> None:
        """Say so, which a ready-made clip can do; if even that fails, close without a word."""
        if self.closing is not None and self.closing.firm:
            self.close(self.closing)
        else:
            self.give_up(self.phrases.trouble)

    def ask_if_there(self) -> None:
        """The caller is silent: ask, wait, and at last say goodbye."""
        text, is_goodbye = self.patience.next_words()
        self.speaking.say(text, self.now)
        if is_goodbye:
            self.closing = Closing("hang_up")

    # ---- the end ----------------------------------------------------------------------

    def lose_hearing(self, *, for_good: bool) -> None:
        """The recogniser is gone."""
        if self.closing_firmly:
            return
        if for_good:
            self.give_up(self.phrases.cannot_hear)
        elif self.hearing_lost_at is None:
            self.hearing_lost_at = self.now

    def give_up(self, phrase: str) -> None:
        """Something is broken: say so once, then a person takes over."""
        self.close_with(phrase, "hand_over")

    def close_with(self, text: str, how: str) -> None:
        """End the call after these words, whatever the caller says to them."""
        self.thinking.cancel()
        self.thinking.owed = False
        self.hearing_lost_at = self.yielded = None
        if self.speaking.busy:
            self.speaking.cut(self.now)
        self.closing = Closing(how, firm=True)
        if text:
            self.speaking.say(text, self.now, interruptible=False)

    def close(self, closing: Closing) -> None:
        """Everything was said: end the agent's part."""
        self._emit(do.CloseCall(closing.how))
        self.end()

    def end(self) -> None:
        """Nothing more is said or heard; only tools still at work will be noted."""
        self.thinking.cancel()
        if self.speaking.busy:
            self.speaking.cut(self.now)
        if self.hearing.words:
            self.write_down()
        self.ended = True

    def ms(self, instant: float) -> int:
        """Milliseconds since the call was answered."""
        return round((instant - self.speaking.started_at) * 1000)
