"""The ways in which Google Calendar fails, and how often.

Rules: shares are probabilities of one request, drawn from a seeded source so that a
run can be repeated. `lost_answers` do the write and then break the line: the client
can't know. `dead_tokens` answers 401 to a token that was good a moment ago.
"""

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """How the service misbehaves. May be changed while it runs."""

    errors: float = 0.0
    """500, 503, 429 or 403 rateLimitExceeded before anything was done."""
    lost_answers: float = 0.0
    dead_tokens: float = 0.0
    expired_syncs: float = 0.0
    """410 on a list with a sync token."""
    latency_s: float = 0.0
    revoked: bool = False
    """The refresh token is refused: invalid_grant."""
    token_down: bool = False
    expires_in_s: int = 3599
    seed: int = 1
    draws: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Seed the draws."""
        self.draws = random.Random(self.seed)

    def strikes(self, share: float) -> bool:
        """Whether this request is hit."""
        return share > 0 and self.draws.random() < share
