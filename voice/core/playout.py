"""The play-out ledger: which words are with the phone, and which of them were heard.

Rules: audio is sent faster than it is played, so what was sent is not what was
heard. The phone plays in order and without pause, so what is still unheard is
always the *tail* of what was sent: `ends_at - now` seconds of it. Three sources
keep `ends_at` true: the amount of audio sent (mu-law, 8000 bytes are a second),
the clock, and the marks that the phone returns. A mark returned after a clear
says nothing, because a clear returns all marks at once; its clause is no longer in
the ledger and it is ignored. A mark that never comes back is replaced by the
clock: `mark_grace` after its audio must have ended, it counts as reached.
A clause that was cut in its middle was heard up to a word: as many whole words
as the played share of its audio covers.
"""

import re
from dataclasses import dataclass, field

BYTES_PER_SECOND = 8000
_SECONDS_PER_CHARACTER = 0.065  # usual speech; only used while a clause's audio is incomplete


@dataclass(slots=True)
class Clause:
    """A piece of speech on its way: asked of the voice, sent to the phone, heard."""

    clause_id: int
    text: str
    audio: bytearray = field(default_factory=bytearray)
    """What has been sent to the phone."""
    made: bool = False
    """Whether all its audio has been sent, and its mark behind it."""
    backlog: bytearray = field(default_factory=bytearray)
    """Audio that waits for an earlier clause, or for the caller to be quiet."""
    complete: bool = False
    """Whether the voice has given all its audio."""
    retried: bool = False

    @property
    def seconds(self) -> float:
        """How long the audio sent so far plays."""
        return len(self.audio) / BYTES_PER_SECOND

    @property
    def mark(self) -> str:
        """The name of the mark behind its audio; unique in a call."""
        return f"clause-{self.clause_id}"


@dataclass(frozen=True, slots=True)
class CutClause:
    """A clause that was stopped: what was heard of it, and what is left to say again."""

    clause: Clause
    heard: str
    rest: str
    rest_audio: bytes
    """The audio of `rest` as far as it was made."""


class Playout:
    """The clauses that the phone has, or will have, in the order of playing."""

    def __init__(self, *, lag: float, mark_grace: float) -> None:
        self._lag = lag
        self._mark_grace = mark_grace
        self._clauses: list[Clause] = []
        self._ends_at = 0.0
        self._marked_at = 0.0

    def expect(self, clause: Clause) -> None:
        """A clause that will be played behind all others."""
        self._clauses.append(clause)

    def send(self, clause: Clause, audio: bytes, now: float) -> None:
        """Audio goes to the phone."""
        clause.audio += audio
        self._ends_at = max(self._ends_at, now) + len(audio) / BYTES_PER_SECOND

    def finish(self, clause: Clause, now: float) -> None:
        """All audio of the clause was sent, and its mark placed behind it."""
        clause.made = True
        self._marked_at = now

    def find(self, clause_id: int) -> Clause | None:
        """The clause, if it still matters."""
        return next((each for each in self._clauses if each.clause_id == clause_id), None)

    def first_unmade(self) -> Clause | None:
        """The clause whose audio the phone gets next."""
        return next((each for each in self._clauses if not each.made), None)

    def replace(self, clause: Clause, fresh: Clause) -> None:
        """The voice could not make it: another clause takes its place."""
        self._clauses[self._clauses.index(clause)] = fresh

    def reach(self, mark: str, now: float) -> list[Clause]:
        """A mark came back: the clauses heard by now, in order. None if the mark is stale."""
        names = [each.mark for each in self._clauses if each.made]
        if mark not in names:
            return []
        count = names.index(mark) + 1
        heard, self._clauses = self._clauses[:count], self._clauses[count:]
        self._ends_at = now + sum(each.seconds for each in self._clauses)
        return heard

    def audible(self, now: float) -> bool:
        """Whether the caller hears the agent at this moment, as far as is known."""
        return any(each.audio for each in self._clauses) and self._ends_at + self._lag > now

    def words_so_far(self, now: float) -> list[str]:
        """The words in the ledger that were played by now, and the next one or two."""
        unplayed = max(0.0, self._ends_at - now)
        played: list[str] = []
        for clause in reversed(self._clauses):
            unheard = min(clause.seconds, unplayed)
            unplayed -= unheard
            words = clause.text.split()
            share = 1.0 - unheard / clause.seconds if clause.seconds else 0.0
            count = round(share * len(words))
            played = words[: count + 2 if count else 0] + played
        return played

    def seconds_left(self, now: float) -> float:
        """How long the phone will still play what it has."""
        return max(0.0, self._ends_at - now) if self._clauses else 0.0

    @property
    def overdue_at(self) -> float | None:
        """When the marks that are awaited count as lost. None while audio is still awaited."""
        if not self._clauses or not self._clauses[0].made:
            return None
        return max(self._ends_at, self._marked_at) + self._mark_grace

    def give_up_waiting(self) -> list[Clause]:
        """The marks are lost: everything made counts as heard."""
        heard = [each for each in self._clauses if each.made]
        self._clauses = [each for each in self._clauses if not each.made]
        return heard

    def cut(self, now: float) -> list[CutClause]:
        """The phone is told to drop everything: what was heard of each clause, and what was not."""
        unplayed = max(0.0, self._ends_at + self._lag - now)
        pieces = []
        for clause in reversed(self._clauses):
            unheard = min(clause.seconds, unplayed)
            unplayed -= unheard
            pieces.append(_cut_clause(clause, clause.seconds - unheard))
        self._clauses = []
        self._ends_at = now
        return pieces[::-1]


def _cut_clause(clause: Clause, heard_seconds: float) -> CutClause:
    total = clause.seconds
    if not clause.made:
        total = max(total, len(clause.text) * _SECONDS_PER_CHARACTER)
    share = heard_seconds / total if total else 0.0
    end = _end_of_words(clause.text, share)
    at = int(total * BYTES_PER_SECOND * end / len(clause.text)) if clause.text else 0
    return CutClause(
        clause=clause,
        heard=clause.text[:end],
        rest=clause.text[end:].lstrip(),
        rest_audio=bytes(clause.audio[at:]),
    )


def _end_of_words(text: str, share: float) -> int:
    """Where the last word ends that lies wholly within the first `share` of the text."""
    limit = share * len(text) + 1e-6
    end = 0
    for match in re.finditer(r"\S+", text):
        if match.end() > limit:
            break
        end = match.end()
    return end
