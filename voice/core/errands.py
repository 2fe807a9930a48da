"""What tools left to be done: sentences to say, and who goes on afterwards.

Rules: a receipt is said, whatever the caller did meanwhile. A question of code ("is
that right?") is not asked when the caller has spoken since the tool was asked for:
those words are answered first, and the result stands in the history for it. Of
several tools the strongest wish decides: hand over, hang up, listen, model.
Fillers belong to tools too: never the same twice in a row.
"""

from collections import deque

from voice.core import events
from voice.core.expectations import infer
from voice.core.history import Expectation
from voice.core.timing import TurnSettings

_WISHES = ("model", "listen", "hang_up", "hand_over")


class Errands:
    """What is still to be said and decided after tools."""

    def __init__(self, settings: TurnSettings) -> None:
        self._fillers = settings.phrases.fillers
        self._fillers_said = 0
        self._last_filler = ""
        self._sentences: deque[tuple[str, Expectation]] = deque()
        self._then: str | None = None

    @property
    def has_sentences(self) -> bool:
        """Whether something is still to be said."""
        return bool(self._sentences)

    @property
    def has_wish(self) -> bool:
        """Whether it is still to be decided who goes on."""
        return self._then is not None

    def note(self, event: events.ToolFinished, *, overtaken: bool) -> None:
        """A tool came back; `overtaken` by a turn of the caller."""
        if event.say and not (event.then == "listen" and overtaken):
            self._sentences.append((event.say, event.expects or infer(event.say)))
        if self._then is None or _WISHES.index(event.then) > _WISHES.index(self._then):
            self._then = event.then

    def next_sentence(self) -> tuple[str, Expectation]:
        """The sentence to say, and what it asks for."""
        return self._sentences.popleft()

    def take_wish(self) -> str | None:
        """Who goes on: model, listen, hang_up or hand_over."""
        then, self._then = self._then, None
        return then

    def choose_filler(self, tool: str) -> str | None:
        """Words for a slow tool, None where there is nothing fresh to say."""
        texts = self._fillers.get(tool) or self._fillers.get("", ())
        fresh = [text for text in texts if text != self._last_filler]
        if not fresh:
            return None
        self._last_filler = fresh[self._fillers_said % len(fresh)]
        self._fillers_said += 1
        return self._last_filler
