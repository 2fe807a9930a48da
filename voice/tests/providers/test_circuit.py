"""A provider is left alone while it is down, and tried again ever more rarely."""

from voice.providers.circuit import FIRST_PAUSE_S, LONGEST_PAUSE_S, Circuit


def test_one_slip_is_forgiven() -> None:
    state = Circuit("slip")
    state.failed(0, retryable=True)
    state.failed(1, retryable=True)
    state.worked()
    state.failed(2, retryable=True)
    state.failed(3, retryable=True)
    assert not state.is_open


def test_three_failures_in_a_row_open_it() -> None:
    state = Circuit("three")
    for now in range(3):
        state.failed(now, retryable=True)
    assert state.is_open
    assert state.pause_s(2) == FIRST_PAUSE_S


def test_a_refused_key_opens_it_at_once() -> None:
    state = Circuit("key")
    state.failed(0, retryable=False)
    assert state.is_open


def test_failed_probes_come_ever_more_rarely_and_success_closes_it() -> None:
    state = Circuit("probes")
    state.failed(0, retryable=False)
    pauses = []
    for _ in range(6):
        state.failed(0, retryable=True)
        pauses.append(state.pause_s(0))
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S
    state.worked()
    assert not state.is_open
    assert state.pause_s(0) == 0
