"""The agent's side: words to clauses, clauses to audio, audio to what was heard.

Rules: a passage is what the agent says in one go: a reply's words up to a tool, or a
sentence of code. Passages are spoken in order. Each becomes one AgentTurn, placed in
the history when its first words are known and corrected when it was heard or cut; a
passage of which nothing was heard leaves no trace. Audio is passed on clause by
clause in order, whatever order it is made in; audio of a clause that no longer
matters is dropped here. `hold` keeps audio back before it is sent; `pause` takes
back what was sent, and `resume` goes on from the word where it stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from voice.core import effects as do
from voice.core.clauses import ClauseSplitter, tidy
from voice.core.history import AgentTurn, Expectation, History
from voice.core.playout import Clause, Playout
from voice.core.timing import TurnSettings


@dataclass(slots=True)
class Passage:
    """What the agent says in one go."""

    key: int
    interruptible: bool
    answers: bool
    """Whether it is a reply, and not a sentence of code."""
    expects: Expectation | None = None
    stages_ms: dict[str, int] = field(default_factory=dict)
    splitter: ClauseSplitter = field(default_factory=ClauseSplitter)
    text: str = ""
    heard: list[str] = field(default_factory=list)
    pending: int = 0
    """Clauses not yet heard."""
    complete: bool = False
    """No more words are coming."""
    started_at: float | None = None


@dataclass(slots=True)
class Remnant:
    """A piece of a passage that was stopped before it was heard."""

    passage: Passage
    text: str
    audio: bytes
    complete: bool
    """Whether `audio` is all of it."""


_REACTION = 0.2
"""Seconds that people take to react to a voice."""


class Speaking:
    """What the agent is saying."""

    def __init__(
        self, settings: TurnSettings, history: History, emit: Callable[[do.Effect], None]
    ) -> None:
        self._settings = settings
        self._history = history
        self._emit = emit
        self._playout = Playout(lag=settings.playout_lag, mark_grace=settings.mark_grace)
        self._passages: list[Passage] = []
        self._of_clause: dict[int, Passage] = {}
        self._next_clause_id = 0
        self._has_retried = False
        self._progress_at = 0.0
        self._remnants: list[Remnant] = []
        self._recent = ""
        self._answers_since: float | None = None
        self._stages_ms: dict[str, int] = {}
        self.started_at = 0.0
        self.expects = Expectation.OPEN
        self.held_since: float | None = None
        self.paused_since: float | None = None

    # ---- what is known ----------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether the agent has said, or is about to say, something not yet heard."""
        return bool(self._passages)

    @property
    def begun(self) -> bool:
        """Whether any of it has been sent to the phone."""
        return any(passage.started_at is not None for passage in self._passages)

    def begun_by(self, instant: float) -> bool:
        """Whether the caller had heard the agent begin by then, and could have let it speak."""
        began = (each.started_at for each in self._passages if each.started_at is not None)
        return any(at + _REACTION <= instant for at in began)

    @property
    def has_answered(self) -> bool:
        """Whether a reply's words have been sent to the phone."""
        return any(each.answers and each.started_at is not None for each in self._passages)

    @property
    def interruptible(self) -> bool:
        """Whether the caller may stop what is being said now."""
        return all(passage.interruptible for passage in self._passages)

    def audible(self, now: float) -> bool:
        """Whether the caller hears the agent at this moment."""
        return self._playout.audible(now)

    def seconds_left(self, now: float) -> float:
        """How long the agent will still be heard, as far as audio has been made."""
        return self._playout.seconds_left(now)

    @property
    def last_words_made(self) -> bool:
        """Whether all that the agent means to say is with the phone."""
        return self._playout.first_unmade() is None and all(
            each.complete for each in self._passages
        )

    def words_so_far(self, now: float) -> list[str]:
        """What the caller has heard of the agent lately."""
        return self._recent.split() + self._playout.words_so_far(now)

    @property
    def audio_due(self) -> float | None:
        """When the voice is too late with the next audio."""
        clause = self._playout.first_unmade()
        if clause is None or clause.complete:
            return None
        return self._progress_at + self._settings.speech

    @property
    def marks_due(self) -> float | None:
        """When the marks that are awaited count as lost."""
        return self._playout.overdue_at

    # ---- saying -----------------------------------------------------------------

    def answer(self, since: float, now: float) -> None:
        """The caller's turn is over; `since` the caller is silent. The next passage answers it."""
        self._answers_since = since
        self._stages_ms = {"end_of_turn": round((now - since) * 1000)}

    def note_first_token(self, now: float) -> None:
        """The first word of the answer is known."""
        if self._answers_since is not None:
            self._stages_ms.setdefault("first_token", round((now - self._answers_since) * 1000))

    def open(self, *, interruptible: bool = True, answers: bool = False) -> Passage:
        """Begin a passage whose words will be given by `write`."""
        key = self._history.place(AgentTurn(text="", heard=""))
        passage = Passage(key, interruptible, answers)
        self._passages.append(passage)
        return passage

    def write(self, passage: Passage, text: str, now: float, *, whole: bool = False) -> None:
        """More words of a passage. `whole`: a sentence ends with them."""
        passage.text += text
        words = tidy(passage.text)
        self._history.correct(passage.key, AgentTurn(text=words, heard=words))
        for clause in passage.splitter.feed(text, whole=whole):
            self._synthesize(passage, clause, last=False, now=now)

    def finish(self, passage: Passage, expects: Expectation | None, now: float) -> None:
        """A passage has all its words; `expects` None leaves what is expected as it is."""
        passage.complete = True
        passage.expects = expects
        rest = passage.splitter.finish()
        if rest is not None:
            self._synthesize(passage, rest, last=True, now=now)
        if passage.started_at is not None:
            self._announce(passage)
        self._close_if_heard(passage, now)

    def say(
        self,
        text: str,
        now: float,
        *,
        expects: Expectation | None = None,
        interruptible: bool = True,
    ) -> None:
        """Speak a text that is known as a whole."""
        passage = self.open(interruptible=interruptible)
        self.write(passage, text, now)
        self.finish(passage, expects, now)

    # ---- what voice and phone report ----------------------------------------------

    def audio(self, clause_id: int, audio: bytes, now: float) -> None:
        """Audio of a clause was made."""
        clause = self._playout.find(clause_id)
        if clause is None or clause.complete:
            return
        clause.backlog += audio
        self._progress_at = now
        self._pump(now)

    def made(self, clause_id: int, now: float) -> None:
        """All audio of a clause was made."""
        clause = self._playout.find(clause_id)
        if clause is None or clause.complete:
            return
        self._has_retried = False
        clause.complete = True
        self._progress_at = now
        self._pump(now)

    def failed(self, clause_id: int, now: float) -> bool:
        """The voice could not make a clause. False where trying again is no use."""
        clause = self._playout.find(clause_id)
        if clause is None or clause.complete:
            return True
        return self._retry(clause, now)

    def retry_late(self, now: float) -> bool:
        """The voice hangs: ask anew for what is missing. False where that is no use."""
        if self._has_retried:
            return False
        self._has_retried = True
        self.pause(now)
        self.resume(now)
        return True

    def mark(self, name: str, now: float) -> None:
        """The phone says that it played up to here."""
        self._count_as_heard(self._playout.reach(name, now), now)

    def give_up_marks(self, now: float) -> None:
        """The marks are lost; the clock says that everything was played."""
        self._count_as_heard(self._playout.give_up_waiting(), now)

    # ---- stopping and going on ------------------------------------------------------

    def hold(self, now: float) -> None:
        """Keep audio back: the caller seems to be speaking just now."""
        self.held_since = now

    def release(self, now: float) -> None:
        """Audio may be sent."""
        self.held_since = None
        self._pump(now)

    def pause(self, now: float) -> None:
        """Be quiet for a moment: the caller may want the floor."""
        self.paused_since = now
        self._remnants = self._take_back(now)

    def resume(self, now: float) -> None:
        """The caller did not want the floor: go on from the word where it stopped."""
        self.paused_since = None
        remnants, self._remnants = self._remnants, []
        for remnant in remnants:
            self._speak_remnant(remnant, remnant.passage, now)
        for passage in tuple(self._passages):
            self._close_if_heard(passage, now)

    def cut(self, now: float) -> list[Remnant]:
        """Give up the floor: what was heard is now what was said. Returns what was not."""
        remnants = self._remnants if self.paused_since is not None else self._take_back(now)
        self.paused_since = self.held_since = None
        self._remnants = []
        whole = all(passage.complete for passage in self._passages)
        for passage in self._passages:
            self._close(passage, now, interrupted=True)
        self._passages = []
        self._of_clause.clear()
        return remnants if whole else []

    def restore(self, remnants: list[Remnant], now: float) -> None:
        """Say after all what was cut, as new passages."""
        fresh: dict[int, Passage] = {}
        for remnant in remnants:
            old = remnant.passage
            if old.key not in fresh:
                fresh[old.key] = self.open(interruptible=old.interruptible, answers=old.answers)
            passage = fresh[old.key]
            passage.text = tidy(f"{passage.text} {remnant.text}")
            passage.expects, passage.complete = old.expects, True
            self._history.correct(passage.key, AgentTurn(text=passage.text, heard=passage.text))
            self._speak_remnant(remnant, passage, now)

    # ---- inside -----------------------------------------------------------------------

    def _new_clause(self, passage: Passage, text: str, now: float) -> Clause:
        self._next_clause_id += 1
        clause = Clause(self._next_clause_id, text)
        if self._playout.first_unmade() is None:
            self._progress_at = now
        self._of_clause[clause.clause_id] = passage
        return clause

    def _synthesize(self, passage: Passage, text: str, *, last: bool, now: float) -> None:
        passage.pending += 1
        if self.paused_since is not None:
            self._remnants.append(Remnant(passage, text, b"", complete=False))
            return
        clause = self._new_clause(passage, text, now)
        self._playout.expect(clause)
        self._emit(do.Synthesize(clause.clause_id, text, last))

    def _speak_remnant(self, remnant: Remnant, passage: Passage, now: float) -> None:
        if passage is not remnant.passage:
            passage.pending += 1
        clause = self._new_clause(passage, remnant.text, now)
        self._playout.expect(clause)
        if remnant.complete:
            clause.backlog += remnant.audio
            clause.complete = True
            self._pump(now)
        else:
            self._emit(do.Synthesize(clause.clause_id, remnant.text, passage.complete))

    def _retry(self, clause: Clause, now: float) -> bool:
        if clause.retried or clause.audio:
            return False
        fresh = self._new_clause(self._of_clause.pop(clause.clause_id), clause.text, now)
        fresh.retried = True
        self._playout.replace(clause, fresh)
        self._progress_at = now
        self._emit(do.Synthesize(fresh.clause_id, fresh.text, last=True))
        return True

    def _pump(self, now: float) -> None:
        """Send what can be sent: the clauses in order, each followed by its mark."""
        while self.held_since is None and (clause := self._playout.first_unmade()) is not None:
            if clause.backlog:
                self._begin(self._of_clause[clause.clause_id], now)
                audio = bytes(clause.backlog)
                clause.backlog.clear()
                self._playout.send(clause, audio, now)
                self._emit(do.PlayAudio(clause.clause_id, audio))
            if not clause.complete:
                return
            self._playout.finish(clause, now)
            self._emit(do.PlaceMark(clause.mark))

    def _begin(self, passage: Passage, now: float) -> None:
        if passage.started_at is not None:
            return
        passage.started_at = now
        self._announce(passage)
        if self._answers_since is not None:
            self._stages_ms["first_audio"] = round((now - self._answers_since) * 1000)
            passage.stages_ms = self._stages_ms
            self._answers_since = None

    def _announce(self, passage: Passage) -> None:
        """What this passage asks for is what the caller will answer."""
        if passage.expects is not None and passage.expects is not self.expects:
            self.expects = passage.expects
            self._emit(do.ExpectAnswer(passage.expects))

    def _count_as_heard(self, clauses: list[Clause], now: float) -> None:
        for clause in clauses:
            passage = self._of_clause.pop(clause.clause_id)
            passage.heard.append(clause.text)
            passage.pending -= 1
            self._recent = clause.text
            self._close_if_heard(passage, now)

    def _close_if_heard(self, passage: Passage, now: float) -> None:
        if passage.complete and not passage.pending and passage in self._passages:
            self._passages.remove(passage)
            self._close(passage, now, interrupted=False)

    def _close(self, passage: Passage, now: float, *, interrupted: bool) -> None:
        text = tidy(passage.text)
        heard = tidy(" ".join(passage.heard)) if interrupted else text
        if not heard:
            self._history.remove(passage.key)
            return
        begun = now if passage.started_at is None else passage.started_at
        turn = AgentTurn(
            text=text,
            heard=heard,
            interrupted=interrupted,
            started_ms=self._ms(begun),
            ended_ms=self._ms(now),
            stages_ms=passage.stages_ms,
        )
        self._history.correct(passage.key, turn)
        self._emit(do.RecordTurn(turn))

    def _take_back(self, now: float) -> list[Remnant]:
        """Tell the phone and the voice to drop everything; keep what was not heard."""
        remnants = []
        for piece in self._playout.cut(now):
            clause = piece.clause
            passage = self._of_clause.pop(clause.clause_id)
            if piece.heard:
                passage.heard.append(piece.heard)
                self._recent = piece.heard
            if piece.rest:
                audio = piece.rest_audio + bytes(clause.backlog)
                remnants.append(Remnant(passage, piece.rest, audio, clause.complete))
            else:
                passage.pending -= 1
        self._emit(do.ClearPlayout())
        return remnants

    def _ms(self, instant: float) -> int:
        return round((instant - self.started_at) * 1000)
