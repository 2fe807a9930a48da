"""A scripted call on a clock of its own: what is said when, and what comes of it.

The recogniser, the mind, the voice and the phone are instant or have fixed delays;
nothing sleeps. All times are seconds since the call was answered. A caller's words are
given as a script of (seconds of speech, words); the recogniser hears them as Deepgram
does: an onset, interims while they are spoken, a final when a pause is long enough.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from voice.core import effects as do
from voice.core import events as ev
from voice.core.conversation import Conversation
from voice.core.history import AgentTurn, CallerTurn, Expectation, Item
from voice.core.timing import TurnSettings

BYTES_PER_SECOND = 8000
SECONDS_PER_CHARACTER = 0.065


@dataclass(frozen=True)
class Ear:
    """How the recogniser and the voice activity behave, in seconds."""

    onset: float = 0.1
    """From the first sound to SpeechStarted."""
    tail: float = 0.1
    """From the last sound to SpeechStopped."""
    interim_lag: float = 0.2
    endpointing: float = 0.3
    final_lag: float = 0.05
    has_own_vad: bool = True
    cause: str = "speech_final"
    """Why an utterance is said to be over."""


@dataclass
class Line:
    """What the agent says when it is asked: words, and what they ask for."""

    text: str
    expects: Expectation | None = None
    tool: str | None = None


@dataclass(order=True)
class _Due:
    at: float
    order: int
    do: Callable[[], object] = field(compare=False)
    generation: int | None = field(compare=False, default=None)


class Talk:
    """One scripted call."""

    def __init__(
        self,
        *lines: Line | str,
        settings: TurnSettings | None = None,
        ear: Ear | None = None,
        think: float = 0.35,
        voice: float = 0.15,
        tools: dict[str, str] | None = None,
        tool_seconds: float = 0.05,
        redact: Callable[[str, Expectation], str] = lambda text, expects: text,
    ) -> None:
        self.core = Conversation(redact=redact, settings=settings)
        self.lines = [Line(each) if isinstance(each, str) else each for each in lines]
        self.ear = ear or Ear()
        self.think, self.voice = think, voice
        self.tools, self.tool_seconds = tools or {}, tool_seconds
        """What a tool wants afterwards, by its name: model, listen, hang_up or hand_over."""
        self.now = 0.0
        self.log: list[tuple[float, do.Effect]] = []
        self._due: list[_Due] = []
        self._order = 0
        self._generation = 0
        self._phone_free_at = 0.0
        self._voice_free_at = 0.0
        self._said: dict[int, Line] = {}
        self._replies: set[int] = set()

    # ---- what happened -------------------------------------------------------------

    def times(self, kind: type[do.Effect]) -> list[float]:
        """When effects of this kind were given."""
        return [at for at, effect in self.log if isinstance(effect, kind)]

    def effects(self, kind: type) -> list[do.Effect]:
        """The effects of this kind, in order."""
        return [effect for _, effect in self.log if isinstance(effect, kind)]

    @property
    def items(self) -> tuple[Item, ...]:
        """The history."""
        return self.core.history.items

    @property
    def caller_turns(self) -> list[str]:
        """What counts as said by the caller."""
        return [item.text for item in self.items if isinstance(item, CallerTurn)]

    @property
    def agent_turns(self) -> list[AgentTurn]:
        """What counts as said by the agent."""
        return [item for item in self.items if isinstance(item, AgentTurn)]

    @property
    def audible_until(self) -> float:
        """When the phone will have played what it has."""
        return self._phone_free_at

    def clauses_of(self, text: str) -> list[int]:
        """The clauses by which a text was asked of the voice."""
        asked = self.effects(do.Synthesize)
        return [
            each.clause_id
            for each in asked
            if isinstance(each, do.Synthesize) and each.text in text and len(each.text) > 3
        ]

    def begun(self, text: str) -> bool:
        """Whether the first audio of a text was sent."""
        clauses = self.clauses_of(text)
        played = {
            each.clause_id for each in self.effects(do.PlayAudio) if isinstance(each, do.PlayAudio)
        }
        return bool(clauses) and clauses[0] in played

    def finished_at(self, text: str) -> float:
        """When the last word of a text counted as heard."""
        ends = [at for at, effect in self.log if isinstance(effect, do.RecordTurn)
                and isinstance(effect.item, AgentTurn) and effect.item.text[-12:] == text[-12:]]  # fmt: skip
        return ends[-1] if ends else self.now

    # ---- the script ------------------------------------------------------------------

    def at(self, when: float, event: ev.Event) -> "Talk":
        """Something happens at a time."""
        self._push(when, lambda: self.tell(event))
        return self

    def start(self, greeting: str = "How can I help?", *, uninterruptible: bool = False,
              expects: Expectation = Expectation.OPEN) -> "Talk":  # fmt: skip
        """The call is answered."""
        self.tell(ev.CallStarted(greeting, uninterruptible, expects))
        return self

    def caller(self, when: float, *script: tuple[float, str], confidence: float = 1.0) -> float:
        """The caller speaks from `when`: (seconds, words) pieces, with (seconds, "") as pauses.

        Gives the time at which the last sound ends.
        """
        ear, at, said, segment = self.ear, when, "", ""
        for index, (seconds, words) in enumerate(script):
            if not words:
                if seconds >= ear.endpointing and segment:
                    segment = self._endpoint(at, segment, confidence)
                at += seconds
                continue
            self.at(at + ear.onset, ev.SpeechStarted())
            self._interims(at, seconds, segment, words, confidence)
            segment = f"{segment} {words}".strip()
            said = f"{said} {words}".strip()
            at += seconds
            pause = (
                script[index + 1][0] if script[index + 1 :] and not script[index + 1][1] else 9.0
            )
            if ear.has_own_vad and pause > ear.tail:
                self.at(at + ear.tail, ev.SpeechStopped(self.ear.tail))
        if segment:
            self._endpoint(at, segment, confidence)
        return at

    def noise(self, when: float, seconds: float) -> "Talk":
        """A sound without words."""
        self.at(when + self.ear.onset, ev.SpeechStarted())
        if self.ear.has_own_vad:
            self.at(when + seconds + self.ear.tail, ev.SpeechStopped(self.ear.tail))
        return self

    def run(self, until: float) -> "Talk":
        """Let time pass, up to an instant."""
        while True:
            deadline = self.core.deadline
            scheduled = self._due[0].at if self._due else None
            if (
                scheduled is not None
                and scheduled <= until
                and (deadline is None or scheduled <= deadline)
            ):
                due = heapq.heappop(self._due)
                self.now = max(self.now, due.at)
                if due.generation in (None, self._generation):
                    due.do()
            elif deadline is not None and deadline <= until:
                self.now = max(self.now, deadline)
                self.tell(ev.DeadlinePassed())
            else:
                self.now = until
                return self

    def tell(self, event: ev.Event) -> list[do.Effect]:
        """Give the core an event now, and act on what it wants."""
        effects = self.core.handle(event, self.now)
        for effect in effects:
            self.log.append((self.now, effect))
            self._perform(effect)
        return effects

    # ---- the edges ---------------------------------------------------------------------

    def _push(
        self, when: float, action: Callable[[], object], generation: int | None = None
    ) -> None:
        self._order += 1
        heapq.heappush(self._due, _Due(when, self._order, action, generation))

    def _perform(self, effect: do.Effect) -> None:
        match effect:
            case do.Synthesize(clause_id=clause_id, text=text):
                self._voice_free_at = max(self._voice_free_at, self.now + self.voice)
                self._push(
                    self._voice_free_at, lambda: self._make(clause_id, text), self._generation
                )
            case do.PlayAudio(audio=audio):
                free_at = max(self._phone_free_at, self.now)
                self._phone_free_at = free_at + len(audio) / BYTES_PER_SECOND
            case do.PlaceMark(name=name):
                at = max(self._phone_free_at, self.now)
                self._push(at, lambda: self.tell(ev.MarkReached(name)), self._generation)
            case do.ClearPlayout():
                self._generation += 1
                self._phone_free_at = self._voice_free_at = self.now
            case do.RunTool(tool_call_id=call_id, name=tool):
                done = ev.ToolFinished(call_id, "{}", then=self.tools.get(tool, "model"))
                self.at(self.now + self.tool_seconds, done)
            case do.RequestReply(reply_id=reply_id, speculative=speculative):
                self._replies.add(reply_id)
                answer_at = self.now + self.think
                self._push(answer_at, lambda: self._answer(reply_id, speculative))
            case do.CommitReply(reply_id=reply_id):
                self._said.pop(reply_id, None)
            case do.CancelReply(reply_id=reply_id):
                self._replies.discard(reply_id)
                if reply_id in self._said:  # a speculation that nobody heard
                    self.lines.insert(0, self._said.pop(reply_id))
            case _:
                pass

    def _make(self, clause_id: int, text: str) -> None:
        size = int(len(text) * SECONDS_PER_CHARACTER * BYTES_PER_SECOND)
        self.tell(ev.ClauseAudio(clause_id, b"\xff" * size))
        self.tell(ev.ClauseFinished(clause_id))

    def _answer(self, reply_id: int, speculative: bool) -> None:
        if reply_id not in self._replies:
            return
        line = self.lines.pop(0) if self.lines else Line("Okay.")
        committed = any(effect.reply_id == reply_id for effect in self._commits())
        if speculative and not committed:
            self._said[reply_id] = line
        if line.text:
            self.tell(ev.ReplyText(reply_id, line.text))
        if line.tool:
            self.tell(ev.ToolRequested(reply_id, f"t{reply_id}", line.tool, "{}"))
        self.tell(ev.ReplyFinished(reply_id, line.expects))

    def _commits(self) -> list[do.CommitReply]:
        return [effect for _, effect in self.log if isinstance(effect, do.CommitReply)]

    def _interims(
        self, at: float, seconds: float, before: str, words: str, confidence: float
    ) -> None:
        """Words become known a little after they are spoken, evenly over the stretch."""
        pieces = words.split()
        for index in range(1, len(pieces) + 1):
            lag = min(self.ear.interim_lag, self.ear.endpointing + self.ear.final_lag - 0.01)
            known_at = at + seconds * index / len(pieces) + lag
            text = f"{before} {' '.join(pieces[:index])}".strip()
            self.at(known_at, ev.TranscriptHeard(text, final=False, confidence=confidence))

    def _endpoint(self, at: float, segment: str, confidence: float) -> str:
        decided = at + self.ear.endpointing + self.ear.final_lag
        self.at(decided, ev.TranscriptHeard(segment, final=True, confidence=confidence))
        self.at(decided, ev.UtteranceEnded(self.ear.cause))
        return ""
