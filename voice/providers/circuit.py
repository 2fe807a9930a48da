"""Whether a provider is worth asking, as this process has lately found.

Rules: three failures in a row, or one that a second try cannot mend, open the circuit;
while it is open nobody waits for that provider. It is tried again in the background,
after 10 s and then ever more rarely, up to 2 minutes apart; the first success closes
it. Pure: `now` (s) is an argument. Shared by all calls of a process.
"""

from functools import lru_cache

from prometheus_client import Gauge

FAILURES = 3
FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 120.0

PROVIDER_DOWN = Gauge(
    "autoshop_provider_down", "1 while calls do without this provider", ["provider"]
)


class Circuit:
    """What is known about one provider."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._failures = 0
        self._pause_s = FIRST_PAUSE_S
        self._try_at: float | None = None
        PROVIDER_DOWN.labels(name).set(0)

    @property
    def is_open(self) -> bool:
        """Whether calls should do without."""
        return self._try_at is not None

    def pause_s(self, now: float) -> float:
        """How long until it may be tried again, in s."""
        return max(0.0, self._try_at - now) if self._try_at is not None else 0.0

    def failed(self, now: float, *, retryable: bool) -> None:
        """It failed, in a call or in a probe."""
        self._failures += 1
        if self.is_open:
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        elif retryable and self._failures < FAILURES:
            return
        self._try_at = now + self._pause_s
        PROVIDER_DOWN.labels(self.name).set(1)

    def worked(self) -> None:
        """It did what it was asked."""
        self._failures, self._pause_s, self._try_at = 0, FIRST_PAUSE_S, None
        PROVIDER_DOWN.labels(self.name).set(0)


@lru_cache(maxsize=32)
def circuit(name: str) -> Circuit:
    """The process's circuit of this name."""
    return Circuit(name)
