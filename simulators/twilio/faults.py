"""What can be made to go wrong, and how a number behaves when it is rung."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class StreamFaults:
    """Troubles of one media stream. Times are ms of media, except `connect_delay_s`."""

    connect_delay_s: float = 0.0
    drop_after_ms: int | None = None
    bunch: int = 1
    duplicate_marks: bool = False
    late_marks: int = 0
    strict: bool = True
    without_signature: bool = False
    forge_token: str | None = None


@dataclass(slots=True)
class CallbackFaults:
    """Troubles of status callbacks: Twilio promises neither order nor exactly once."""

    duplicate: bool = False
    reorder: bool = False
    delay_s: float = 0.0
    lose: bool = False


@dataclass(slots=True)
class RestFaults:
    """Troubles of the REST API, each counted down or by turns.

    `lose_reply_every` n: every n-th create is carried out, but its answer comes only
    after `lost_reply_s`. `refuse` n times with `refuse_status` and `refuse_code`.
    """

    lose_reply_every: int = 0
    lost_reply_s: float = 30.0
    refuse: int = 0
    refuse_status: int = 500
    refuse_code: int = 20500
    delay_s: float = 0.0


@dataclass(slots=True)
class Callee:
    """How a number behaves when rung.

    `outcome`: human, machine, fax, silence (answered, nothing said), busy, no-answer,
    failed. `digits` are the keys pressed at the first `<Gather>`. `script` runs with
    the call once it is answered, as the person at the other end.
    """

    outcome: str = "human"
    ring_s: float = 0.05
    digits: str = ""
    talk_s: float = 0.05
    amd_delay_s: float = 0.05
    script: Callable[[Any], Awaitable[None]] | None = None

    @property
    def answers(self) -> bool:
        """Somebody or something picks up."""
        return self.outcome in {"human", "machine", "fax", "silence"}

    @property
    def answered_by(self) -> str:
        """What answering-machine detection will say."""
        return {
            "human": "human",
            "machine": "machine_end_beep",
            "fax": "fax",
        }.get(self.outcome, "unknown")
