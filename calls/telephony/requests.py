"""What a backend is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A call to place. `ring_s`: how long it may ring; `limit_s`: how long it may last.

    With `amd_url`, a machine is looked for while the call already runs, and that
    address is told.
    """

    to: str
    answer_url: str
    status_url: str
    amd_url: str = ""
    ring_s: int = 30
    limit_s: int = 900
