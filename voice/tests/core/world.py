"""A world around the core: it answers effects as real edges do, and as bad ones do.

It holds a phone that plays audio in real time, a voice, a mind, tools and a caller.
Each move lets one of them act: on time, late, twice, stale or not at all. After every
event the promises of the core are checked; they are the `_check_*` methods, in words.
Words carry tokens (`c7` the caller's, `r3w1` a reply's, `s5` a sentence of code), so
that any word can be traced from where it came from to where it may and may not go.
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from voice.core import effects as do
from voice.core import events as ev
from voice.core.conversation import Conversation, Floor
from voice.core.history import AgentTurn, CallerTurn, Expectation, ToolUse
from voice.core.overlap import words_of
from voice.core.timing import TurnSettings

BYTES_PER_SECOND = 8000
BYTES_PER_CHARACTER = 520  # 65 ms
TOKEN = re.compile(r"\b(?:r\d+w\d+|s\d+)\b")
NODS = ("mm-hm", "okay", "yeah", "uh huh", "right")
COMMANDS = ("stop", "wait", "no", "hold on")
SETTINGS = (
    TurnSettings(),
    TurnSettings(speculate=False),
    TurnSettings(longest_call=25.0, tool_steps=3),
    TurnSettings(keypad_gap=0.5, filler_after=0.1, finalize_wait=0.1, lost_endpoint=1.0),
)


def redact(text: str, expects: Expectation) -> str:
    """Marks what went through it, so that a test can see what did not."""
    return f"<{text}>"


class BrokenPromise(AssertionError):
    """The core did what it must never do."""


def make_audio(clause_id: int, text: str) -> bytes:
    """Audio in which every sample says which clause and which word of it it belongs to."""
    audio = bytearray()
    for at, word in enumerate(text.split()):
        audio += bytes((clause_id % 128, 128 + at % 128)) * (
            (len(word) + 1) * BYTES_PER_CHARACTER // 2
        )
    return bytes(audio)


@dataclass
class Phone:
    """Plays in real time what it was sent; gives marks back when it comes to them."""

    queue: list[tuple[str, bytes]] = field(default_factory=list)  # a mark's name, or audio
    played: Counter[tuple[int, int]] = field(default_factory=Counter)
    ready_marks: list[str] = field(default_factory=list)
    at: float = 0.0

    def play_until(self, now: float) -> None:
        budget = round((now - self.at) * BYTES_PER_SECOND)
        self.at = now
        while self.queue:
            name, audio = self.queue[0]
            if name:
                self.ready_marks.append(name)
                self.queue.pop(0)
                continue
            self._hear(audio[:budget])
            if budget < len(audio):
                self.queue[0] = ("", audio[budget:])
                return
            budget -= len(audio)
            self.queue.pop(0)

    def _hear(self, audio: bytes) -> None:
        audio = audio[1:] if audio[:1] >= b"\x80" else audio
        step = 128  # a sample in so many is enough to know which words were played
        for clause, word in zip(audio[::step], audio[1::step], strict=False):
            self.played[clause, word - 128] += step

    def clear(self) -> None:
        self.ready_marks += [name for name, _ in self.queue if name]
        self.queue.clear()

    @property
    def playing(self) -> bool:
        return any(audio for _, audio in self.queue)


@dataclass
class AskedReply:
    """A reply that the core asked for, as the mind sees it."""

    reply_id: int
    live: bool = True
    speculative: bool = False
    finished: bool = False
    cancelled: bool = False
    words: int = 0


class World:
    """One call, and everybody who takes part in it."""

    def __init__(self, settings: TurnSettings = SETTINGS[0]) -> None:
        self.core = Conversation(redact=redact, settings=settings)
        self.settings = settings
        self.now = 100.0
        self.phone = Phone(at=100.0)
        self.to_make: list[do.Synthesize] = []
        self.texts: dict[int, str] = {}
        self.unsent: dict[int, bytes] = {}
        self.order: dict[int, int] = {}
        self.playing_order = 0
        self.dropped: set[int] = set()
        self.replies: dict[int, AskedReply] = {}
        self.tools: dict[str, bool] = {}
        self.marks: set[str] = set()
        self.old_events: list[ev.Event] = []
        self.tokens = 0
        self.interim: list[str] = []
        self.interim_at = 0.0
        self.open_words: list[str] = []
        self.finals: set[str] = set()
        self.must_say: set[str] = set()
        self.said: set[str] = set()
        self.said_for: dict[str, int] = {}
        self.closed: list[str] = []
        self.voice_broke = False
        self.was_ended = False
        """Whether the call was ended from outside, or by a broken voice."""
        self.unanswered: list[str] = []
        self.uninterruptible = False
        self.legal_text = ""

    # ---- telling the core ------------------------------------------------------------

    def tell(self, event: ev.Event) -> list[do.Effect]:
        """Give the core an event, do what it wants, and hold it to its promises."""
        ended = self.core.floor is Floor.ENDED
        self.phone.play_until(self.now)
        before = self.core.history.items
        effects = self.core.handle(event, self.now)
        for effect in effects:
            self._perform(effect, event, ended=ended)
        self._check_deadline()
        self._check_history(before)
        if not isinstance(event, ev.DeadlinePassed | ev.CallStarted):
            self.old_events = [*self.old_events[-30:], event]
        return effects

    def _perform(  # noqa: C901, PLR0912 - one arm per effect
        self, effect: do.Effect, event: ev.Event, *, ended: bool
    ) -> None:
        if ended and not isinstance(effect, do.RecordTurn):
            raise BrokenPromise(f"after the end: {effect}")
        match effect:
            case do.Synthesize():
                self._check_words(effect)
                self.to_make.append(effect)
                self.texts[effect.clause_id] = effect.text
                self.unsent[effect.clause_id] = make_audio(effect.clause_id, effect.text)
                self.order.setdefault(effect.clause_id % 128, len(self.order))
            case do.PlayAudio(clause_id=clause_id, audio=audio):
                self._check_audio(clause_id, audio)
                self.phone.queue.append(("", audio))
            case do.PlaceMark(name=name):
                if name in self.marks:
                    raise BrokenPromise(f"mark {name} was used twice")
                self.marks.add(name)
                self.phone.queue.append((name, b""))
            case do.ClearPlayout():
                self._check_may_clear(event)
                self.dropped |= self.texts.keys()
                self.to_make.clear()
                self.playing_order = 0
                self.phone.clear()
            case do.RequestReply():
                self._check_request(effect)
                self.replies[effect.reply_id] = AskedReply(
                    effect.reply_id, speculative=effect.speculative
                )
                if not effect.speculative:
                    self._note_answer(effect)
            case do.CommitReply(reply_id=reply_id):
                if not (self.replies[reply_id].live and self.replies[reply_id].speculative):
                    raise BrokenPromise("committed what was not to be committed")
                self.replies[reply_id].speculative = False
                self.replies[reply_id].live = not self.replies[reply_id].finished
                self.unanswered.clear()
            case do.CancelReply(reply_id=reply_id):
                self.replies[reply_id].live = False
                self.replies[reply_id].cancelled = True
            case do.RunTool(tool_call_id=tool_call_id):
                self._check_tool(effect)
                self.tools[tool_call_id] = True
            case do.RecordTurn(item=CallerTurn() as turn):
                self._check_caller_turn(turn)
            case do.RecordTurn(item=AgentTurn() as turn):
                self._check_agent_turn(turn)
            case do.CloseCall(how=how):
                self._check_close(how)

    # ---- the promises --------------------------------------------------------------------

    def _check_deadline(self) -> None:
        """While the call lasts something always wakes it; when it is over nothing does."""
        if self.core.floor is Floor.ENDED:
            if self.core.deadline is not None:
                raise BrokenPromise("a deadline after the end")
        elif self.core.deadline is None or self.core.deadline < self.now:
            raise BrokenPromise(f"nothing will wake the call: {self.core.deadline}")
        elif self.core.deadline > self.now + 60:
            raise BrokenPromise("a wait of more than a minute")

    def _check_words(self, effect: do.Synthesize) -> None:
        """Only a live reply to a finished turn is spoken; only new words are."""
        if effect.clause_id in self.texts:
            raise BrokenPromise("a clause id was used twice")
        for reply_id in map(int, re.findall(r"r(\d+)w", effect.text)):
            reply = self.replies[reply_id]
            if reply.speculative:
                raise BrokenPromise("a reply that is not real was spoken")
        self.said |= set(re.findall(r"\bs\d+\b", effect.text))

    def _check_audio(self, clause_id: int, audio: bytes) -> None:
        """No audio of words that were cut goes out; words are played in their order."""
        if clause_id in self.dropped:
            raise BrokenPromise("stale audio was played")
        if audio and not self.voice_broke:
            order = self.order[audio[0] if audio[0] < 128 else audio[1]]
            if order < self.playing_order:
                raise BrokenPromise("clauses were played out of order")
            self.playing_order = order

    def _check_may_clear(self, event: ev.Event) -> None:
        """The legal sentence is played to its end, whatever the caller does."""
        caller = ev.TranscriptHeard | ev.KeyPressed | ev.SpeechStarted | ev.UtteranceEnded
        if self.uninterruptible and not self.legal_heard and isinstance(event, caller):
            raise BrokenPromise("the legal sentence was interrupted")

    @property
    def legal_heard(self) -> bool:
        turns = (each for each in self.core.history.items if isinstance(each, AgentTurn))
        first = next(turns, None)
        return first is not None and first.ended_ms > 0

    def _check_request(self, effect: do.RequestReply) -> None:
        """One reply at a time; the raw words go beside the history, never into it."""
        if any(reply.live for reply in self.replies.values()):
            raise BrokenPromise("two replies at once")
        if "<" in effect.heard:
            raise BrokenPromise("what was heard is not raw")
        if any(isinstance(each, AgentTurn) and not each.text for each in effect.history):
            raise BrokenPromise("an empty turn in the history")

    def _note_answer(self, effect: do.RequestReply) -> None:
        """A reply to a turn sees the turn, and every tool that ran."""
        said = {each.text for each in effect.history if isinstance(each, CallerTurn)}
        if not said.issuperset(self.unanswered):
            raise BrokenPromise("a reply was asked for that does not see what the caller said")
        self.unanswered.clear()

    def _check_tool(self, effect: do.RunTool) -> None:
        """A tool runs once, and for a finished turn only."""
        if effect.tool_call_id in self.tools:
            raise BrokenPromise("a tool ran twice")
        reply_id = int(effect.tool_call_id.split("-")[0])
        if self.replies[reply_id].speculative or self.replies[reply_id].cancelled:
            raise BrokenPromise("a tool ran for a reply that is not real")

    def _check_caller_turn(self, turn: CallerTurn) -> None:
        """Nothing is heard twice and nothing is kept unredacted."""
        if self.core.floor is not Floor.ENDED and not self._is_closing():
            self.unanswered.append(turn.text)
        if not (turn.text.startswith("<") and turn.text.endswith(">")):
            raise BrokenPromise("a turn was not redacted")
        tokens = re.findall(r"\bc\d+\b", turn.text)
        earlier = [
            token
            for each in self.core.history.items
            if isinstance(each, CallerTurn) and each is not turn
            for token in re.findall(r"\bc\d+\b", each.text)
        ]
        if set(tokens) & set(earlier) or len(set(tokens)) != len(tokens):
            raise BrokenPromise(f"heard twice: {turn.text}")

    def _check_agent_turn(self, turn: AgentTurn) -> None:
        """What is written down as heard was played; what was cut is the beginning of the text."""
        if not turn.heard or not turn.text.startswith(turn.heard):
            raise BrokenPromise(f"heard is no beginning of the text: {turn}")
        if not turn.interrupted and turn.heard != turn.text:
            raise BrokenPromise("not all was heard, yet it is not interrupted")
        missing = [each for each in TOKEN.findall(turn.heard) if not self._was_played(each)]
        if missing and not self.voice_broke:
            raise BrokenPromise(f"{missing} were written down as heard and were not played")

    def _was_played(self, token: str) -> bool:
        """Whether the phone has played at least a part of the word."""
        clauses = [each for each, text in self.texts.items() if token in words_of(text)]
        return any(
            self.phone.played[clause % 128, words_of(self.texts[clause]).index(token)] > 0
            for clause in clauses
        )

    def _check_close(self, how: str) -> None:
        """A call is closed once, by a known way, after the last word was played."""
        self.closed.append(how)
        self.was_ended |= bool(self.to_make)  # the voice was waited for in vain
        if len(self.closed) > 1 or how not in ("hang_up", "hand_over"):
            raise BrokenPromise(f"closed as {self.closed}")
        if self.phone.playing and not self.voice_broke:
            raise BrokenPromise("closed while the last words were still playing")

    def _check_history(self, before: tuple[object, ...]) -> None:
        """Tools keep their place and their result; finished turns never change."""
        now = self.core.history.items
        for item in before:
            if isinstance(item, CallerTurn) and item not in now:
                raise BrokenPromise("a turn of the caller disappeared")
            if isinstance(item, ToolUse) and not any(
                isinstance(each, ToolUse) and each.tool_call_id == item.tool_call_id for each in now
            ):
                raise BrokenPromise("a tool's use disappeared")

    # ---- the moves -------------------------------------------------------------------------

    def start(self, rng: random.Random) -> None:
        """The call begins."""
        self.uninterruptible = rng.random() < 0.2
        self.tell(ev.CallStarted(f"{self._sentence()} How can I help?", self.uninterruptible))

    def _token(self, kind: str) -> str:
        self.tokens += 1
        return f"{kind}{self.tokens}"

    def _sentence(self) -> str:
        return f"Here is sentence {self._token('s')}."

    def wait(self, rng: random.Random) -> None:
        """Time passes; the clock rings, sometimes late."""
        self.advance(rng.choice([0.02, 0.1, 0.1, 0.3, 0.7, 1.5, 4.0]))

    def advance(self, seconds: float) -> None:
        """Time passes, and the core is woken whenever it asked for it."""
        end = self.now + seconds
        for _ in range(200):
            deadline = self.core.deadline
            if deadline is None or deadline > end:
                break
            self.now = max(self.now, deadline)
            self.tell(ev.DeadlinePassed())
        else:
            raise BrokenPromise("the clock rings without end")
        self.now = end

    def speak(self, rng: random.Random) -> None:
        """The voice makes audio of the clause it is at, in pieces, or all of it, or fails."""
        if not self.to_make:
            return
        clause_id = self.to_make[0].clause_id
        chance = rng.random()
        if chance < 0.04:
            self.voice_broke = self.was_ended = True
            self.to_make.pop(0)
            self.tell(ev.SpeechFailed(clause_id, "made up"))
            return
        self._make(clause_id, rng.choice([160, 1600, 8000, 80_000]))
        if chance > 0.3 and not self.unsent[clause_id] and clause_id not in self.dropped:
            self._finish_clause(clause_id)

    def _make(self, clause_id: int, size: int) -> None:
        audio, self.unsent[clause_id] = self.unsent[clause_id][:size], self.unsent[clause_id][size:]
        if audio:
            self.tell(ev.ClauseAudio(clause_id, audio))

    def _finish_clause(self, clause_id: int) -> None:
        self.to_make = [each for each in self.to_make if each.clause_id != clause_id]
        self.tell(ev.ClauseFinished(clause_id))

    def speak_out_of_order(self, rng: random.Random) -> None:
        """Audio of any clause that ever was: ahead of its turn, or long dropped."""
        if not self.texts:
            return
        clause_id = rng.choice(list(self.texts))
        self._make(clause_id, 800)
        if rng.random() < 0.3 and clause_id in self.dropped:
            self.tell(ev.ClauseFinished(clause_id))

    def mark(self, rng: random.Random) -> None:
        """The phone gives back a mark; or one is lost."""
        self.phone.play_until(self.now)
        if self.phone.ready_marks:
            name = self.phone.ready_marks.pop(0)
            if rng.random() < 0.9:
                self.tell(ev.MarkReached(name))

    def _live_reply(self, rng: random.Random) -> AskedReply | None:
        live = [reply for reply in self.replies.values() if reply.live]
        if live and rng.random() < 0.9:
            return live[-1]
        return rng.choice(list(self.replies.values())) if self.replies else None

    def reply_text(self, rng: random.Random) -> None:
        """The mind gives words, for the right reply or for a stale one."""
        if (reply := self._live_reply(rng)) is None:
            return
        reply.words += 1
        words = f"word r{reply.reply_id}w{reply.words} and more"
        end = rng.choice([" ", " ", ", ", ". ", "? ", ""])
        stale = not reply.live
        effects = self.tell(ev.ReplyText(reply.reply_id, words + end))
        if stale and any(
            isinstance(each, do.Synthesize) and f"r{reply.reply_id}w{reply.words} " in each.text
            for each in effects
        ):
            raise BrokenPromise("words of a cancelled reply were spoken")

    def reply_tool(self, rng: random.Random) -> None:
        """The mind asks for a tool; sometimes the same one twice."""
        if (reply := self._live_reply(rng)) is None:
            return
        reply.words += 1
        call_id = f"{reply.reply_id}-{rng.choice([reply.words, 1])}"
        if not reply.live and not reply.speculative and call_id not in self.tools:
            call_id = f"{reply.reply_id}-stale"
        self.tell(ev.ToolRequested(reply.reply_id, call_id, "book", "{}", rng.random() < 0.3))

    def reply_end(self, rng: random.Random) -> None:
        """The mind is done, or fails."""
        if (reply := self._live_reply(rng)) is None:
            return
        reply.finished = True
        if not reply.speculative:
            reply.live = False
        if rng.random() < 0.85:
            expects = rng.choice([None, Expectation.YES_NO, Expectation.OPEN, Expectation.PHONE])
            self.tell(ev.ReplyFinished(reply.reply_id, expects))
        else:
            reply.live = False
            self.tell(ev.ReplyFailed(reply.reply_id, "made up"))

    def tool_end(self, rng: random.Random) -> None:
        """A tool comes back, with or without words to be said."""
        running = [each for each, is_running in self.tools.items() if is_running]
        if not running:
            return
        call_id = rng.choice(running)
        then = rng.choice(["model", "model", "model", "listen", "hang_up", "hand_over"])
        say = self._sentence() if rng.random() < 0.4 or then == "listen" else None
        is_awaited = call_id in self.core._moves.thinking.tools
        if say is not None and then == "model" and is_awaited:
            self.must_say.add(re.findall(r"\bs\d+\b", say)[0])
        self.tools[call_id] = False
        self.tell(ev.ToolFinished(call_id, '{"ok":true}', say, then))

    def vad(self, rng: random.Random) -> None:
        """Noise, or speech: the line gets loud or quiet."""
        stopped = ev.SpeechStopped(
            rng.choice([0.0, 0.1, 0.24, 0.6]), words_follow=rng.random() < 0.5
        )
        self.tell(ev.SpeechStarted() if rng.random() < 0.5 else stopped)

    def nod(self, rng: random.Random) -> None:
        """The caller nods; over the agent that must not be heard as an interruption."""
        if self.interim or self.open_words:
            return
        at_risk = self.phone.playing and self.core.deadline and self.core.deadline > self.now
        effects = self.tell(ev.TranscriptHeard(rng.choice(NODS), final=rng.random() < 0.5))
        if at_risk and any(isinstance(each, do.ClearPlayout) for each in effects):
            raise BrokenPromise("a nod stopped the agent")

    def word(self, rng: random.Random) -> None:
        """The caller says words: an interim grows, or becomes final."""
        if self.now - self.interim_at > 2.5:
            self.interim = []  # its final was lost; what is said now is a new segment
        self.interim_at = self.now
        if rng.random() < 0.7 or not self.interim:
            self.interim.append(self._token("c"))
            text, final = f"really {' '.join(self.interim)} thing", False
        else:
            text, final = f"really {' '.join(self.interim)} thing", True
            self.open_words += self.interim
            self.interim = []
        audible = not final and self.core.floor is Floor.SPEAKING and self.phone.playing
        cleared = self._is_paused()
        effects = self.tell(ev.TranscriptHeard(text, final))
        may_stop = not self.uninterruptible or self.legal_heard
        stopped = any(isinstance(each, do.ClearPlayout) for each in effects)
        if audible and may_stop and not stopped and not cleared and not self._is_closing():
            raise BrokenPromise("the caller spoke and the agent went on")

    def command(self, rng: random.Random) -> None:
        """The caller says stop: the agent stops at once, whatever it was saying."""
        if self.interim or self.open_words:
            return
        playing, closing = self.phone.playing, self._is_closing()
        effects = self.tell(ev.TranscriptHeard(rng.choice(COMMANDS), final=True))
        may_stop = not self.uninterruptible or self.legal_heard
        ended = self.core.floor is Floor.ENDED
        stopped = any(isinstance(each, do.ClearPlayout) for each in effects)
        if playing and may_stop and not stopped and not closing and not ended:
            raise BrokenPromise("stop did not stop the agent")

    def _is_paused(self) -> bool:
        return self.core._moves.speaking.paused_since is not None

    def _is_closing(self) -> bool:
        return self.core._moves.closing_firmly

    def endpoint(self, rng: random.Random) -> None:
        """The recogniser says that the utterance is over; or it will never say so."""
        cause = rng.choice(["speech_final", "speech_final", "utterance_end", "flux", "vad"])
        self.open_words = []
        self.tell(ev.UtteranceEnded(cause) if rng.random() < 0.7 else ev.EndExpected())

    def key(self, rng: random.Random) -> None:
        """The caller presses keys, which stand for whatever was being said."""
        self.interim = []
        self.tell(ev.KeyPressed(rng.choice("0123456789*#")))

    def again(self, rng: random.Random) -> None:
        """Something that happened is told a second time."""
        twice = ev.MarkReached | ev.ClauseFinished | ev.ToolFinished | ev.ReplyFinished
        repeatable: list[ev.Event] = [each for each in self.old_events if isinstance(each, twice)]
        if repeatable:
            self.tell(rng.choice(repeatable))

    def trouble(self, rng: random.Random) -> None:
        """Rare things."""
        rare: list[ev.Event] = [
            ev.HearingLost(),
            ev.HearingRestored(),
            ev.PaceChanged(rng.choice([1.0, 1.5, 2.0])),
        ]
        if rng.random() < 0.15:
            rare += [
                ev.HearingLost(for_good=True),
                ev.CloseRequested("hand_over", f"Hold the line {self._token('s')}."),
                ev.CloseRequested("hang_up"),
                ev.CallEnded(),
            ]
        event = rng.choice(rare)
        self.was_ended |= isinstance(event, ev.CloseRequested | ev.CallEnded)
        self.tell(event)

    # ---- whole turns, for depth ----------------------------------------------------------------

    def caller_turn(self, rng: random.Random) -> None:
        """The caller says something from beginning to end."""
        self.tell(ev.SpeechStarted())
        self.advance(0.6)
        self.word(rng)
        self.advance(0.3)
        token = self._token("c")
        text = f"really {' '.join([*self.interim, token])} thing."
        self.interim = []
        self.tell(ev.TranscriptHeard(text, final=True))
        self.tell(ev.SpeechStopped())
        self.advance(0.3)
        self.tell(ev.UtteranceEnded())
        self.advance(rng.choice([0.0, 0.5, 1.5]))

    def answer(self, rng: random.Random) -> None:
        """The mind, the voice and the phone do all they were asked for."""
        for _ in range(rng.choice([1, 2, 4])):
            if any(reply.live for reply in self.replies.values()):
                rng.choice([self.reply_text, self.reply_text, self.reply_tool, self.reply_end])(rng)
            self.speak(rng)
            self.mark(rng)

    # ---- coming to rest ----------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """From here on everybody does their work and the caller is silent: the call must end."""
        calm = random.Random(1)
        if self.core.floor is Floor.LISTENING and self.core.deadline is None:
            return  # it never began
        for _ in range(400):
            if self.core.floor is Floor.ENDED:
                break
            self._everyone_works(calm)
            self.advance(0.5)
        else:
            raise BrokenPromise("the call does not come to rest")
        for call_id, is_running in list(self.tools.items()):
            if is_running:
                self.tools[call_id] = False
                self.tell(ev.ToolFinished(call_id, '{"ok":true}'))
        self._check_rest()

    def _everyone_works(self, calm: random.Random) -> None:
        for reply in [each for each in self.replies.values() if each.live]:
            if not reply.speculative:
                reply.words += 1
                text = f"Fine r{reply.reply_id}w{reply.words} then."
                self.tell(ev.ReplyText(reply.reply_id, text))
                reply.live = False
                self.tell(ev.ReplyFinished(reply.reply_id))
        while self.to_make:
            clause_id = self.to_make[0].clause_id
            self._make(clause_id, 1_000_000)
            self._finish_clause(clause_id)
        for call_id, is_running in list(self.tools.items()):
            if is_running:
                self.tools[call_id] = False
                self.tell(ev.ToolFinished(call_id, '{"ok":true}'))
        self.phone.play_until(self.now)
        while self.phone.ready_marks:
            self.tell(ev.MarkReached(self.phone.ready_marks.pop(0)))

    def _check_rest(self) -> None:
        """At the end every tool has its result, every receipt was said, every word was heard."""
        items = self.core.history.items
        unfinished = [each for each in items if isinstance(each, ToolUse) and each.result is None]
        if unfinished:
            raise BrokenPromise(f"tools without a result: {unfinished}")
        noted = {each.tool_call_id for each in items if isinstance(each, ToolUse)}
        if noted != self.tools.keys():
            raise BrokenPromise("a tool ran that the history does not know")
        if self.unanswered and self.closed != ["hand_over"] and not self.was_ended:
            raise BrokenPromise(f"the caller was never answered: {self.unanswered}")
        if not self.must_say <= self.said and not self.was_ended:
            raise BrokenPromise(f"never said: {self.must_say - self.said}")


MOVES: tuple[Callable[[World, random.Random], None], ...] = (
    World.wait,
    World.wait,
    World.speak,
    World.speak,
    World.speak_out_of_order,
    World.mark,
    World.mark,
    World.reply_text,
    World.reply_text,
    World.reply_tool,
    World.reply_end,
    World.tool_end,
    World.vad,
    World.nod,
    World.word,
    World.command,
    World.endpoint,
    World.key,
    World.again,
    World.trouble,
    World.caller_turn,
    World.caller_turn,
    World.answer,
    World.answer,
    World.answer,
)


def run_world(seed: int, *, moves: int = 60) -> World:
    """One random call from its beginning to its rest. Raises BrokenPromise."""
    rng = random.Random(seed)
    world = World(rng.choice(SETTINGS))
    world.start(rng)
    for _ in range(moves):
        rng.choice(MOVES)(world, rng)
    world.come_to_rest()
    return world
