"""A call rings: whoever prepares the agent's side of it is told at once.

Rules: this app knows no voice, so who prepares registers here. It is told once a call is logged
and its webhook's signature was found right, in the thread that serves the webhook, and must not
wait. Telling never fails: a caller is answered whether anybody listened or not.
"""

import logging
from collections.abc import Callable

from calls.models import Call

logger = logging.getLogger(__name__)

Listener = Callable[[Call], None]
_listener: Listener | None = None


def listen(listener: Listener) -> None:
    """Be told of every call that rings in this process from now on; there is one who is."""
    global _listener
    _listener = listener


def announce(call: Call) -> None:
    """This call rings. Never raises."""
    if _listener is None:
        return
    try:
        _listener(call)
    except Exception:  # it is an ordinary call without
        logger.exception("ringing_not_heard")
