"""What can go wrong between us and the telephone.

TelephonyError            Twilio, or the way to it, failed
    NumberLocked          the lock on live dialling held: never retried
StreamTokenRefused        a socket came without the right to be one (a bad peer)
"""


class TelephonyError(Exception):
    """A telephony request failed. `permanent`: the same request would fail again.

    `unknown_outcome`: the request may have been carried out all the same (a time-out
    after sending), so it must not be repeated. `code` is Twilio's error number or a
    word of ours.
    """

    def __init__(self, code: str, *, permanent: bool, unknown_outcome: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.unknown_outcome = unknown_outcome


class NumberLocked(TelephonyError):
    """Live dialling is closed and this isn't the test number."""

    def __init__(self) -> None:
        super().__init__("number_locked", permanent=True)


class StreamTokenRefused(Exception):
    """The token of a media stream is forged, foreign, stale or used. `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
