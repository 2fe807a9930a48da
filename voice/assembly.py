"""The one place where a call's parts are joined.

Rules: everything that knows Django, the shop or a vendor meets here, so that the
session knows none of them. Database work runs in a pool of threads of its own, never
on the event loop and never on Channels' shared thread. A record that can't be written
is tried again once and then logged: a caller isn't cut off for it.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

DATABASE_THREADS = max(2, settings.DATABASE_POOL - 2)
_THREADS = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="call-db")


async def in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database or telephony work off the event loop, in this app's own pool."""
    hop = database_sync_to_async(work, thread_sensitive=False, executor=_THREADS)
    result: R = await hop(*args, **kwargs)
    return result
