"""What was said and done in a call, in our own words.

Rules: the history holds facts only; no vendor's message shape enters it. A
caller's turn is stored redacted: a date of birth, a VIN, a street address or a
card number never gets this far. An agent's turn says what was *meant* and what
was *heard*; only the heard part was said, as far as the conversation goes.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Expectation(StrEnum):
    """What the agent's last question asked for; it decides how long to wait for the answer."""

    NOTHING = "nothing"
    OPEN = "open"
    YES_NO = "yes_no"
    NAME = "name"
    SPELLING = "spelling"
    CODE = "code"
    ZIP = "zip"
    PHONE = "phone"
    DATE_OF_BIRTH = "date_of_birth"
    VIN = "vin"
    ADDRESS = "address"
    WHEN = "when"
    VEHICLE = "vehicle"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """One turn of the caller. `text` is redacted. Times are ms since the call was answered."""

    text: str
    started_ms: int = 0
    ended_ms: int = 0


@dataclass(frozen=True, slots=True)
class AgentTurn:
    """One turn of the agent.

    `text` is what was to be said, `heard` the part that was played out (all of it
    unless `interrupted`). `stages_ms` are the stages of the answer, from the end
    of the caller's speech: `end_of_turn`, `first_token`, `first_audio`.
    """

    text: str
    heard: str
    interrupted: bool = False
    started_ms: int = 0
    ended_ms: int = 0
    stages_ms: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool the agent asked for. `arguments` is JSON; `"[private]"` where the values are.

    `result` is the JSON that the model may see, None while the tool runs.
    """

    tool_call_id: str
    name: str
    arguments: str
    result: str | None = None


Item = CallerTurn | AgentTurn | ToolUse


class History:
    """The items of one call, in the order in which they began.

    An agent's turn is placed when its first words are known and corrected to what was
    heard when it ends; a tool's use is placed when it is asked for and completed when
    it comes back. So an item keeps its place, and its key, while it changes.
    """

    def __init__(self) -> None:
        self._items: dict[int, Item] = {}
        self._next_key = 0

    def place(self, item: Item) -> int:
        """Add an item at the end; gives the key by which it is corrected."""
        self._next_key += 1
        self._items[self._next_key] = item
        return self._next_key

    def correct(self, key: int, item: Item) -> None:
        """Replace an item where it stands."""
        self._items[key] = item

    def remove(self, key: int) -> None:
        """Take out an item: words that nobody heard were not said."""
        del self._items[key]

    @property
    def items(self) -> tuple[Item, ...]:
        """All items now. Words still being spoken count as heard until the caller stops them."""
        return tuple(self._items.values())
