"""What every test run stands on: real servers, no keys, nothing shared between runs.

Rules: PostgreSQL is the one of `DATABASE_URL`, else the built-in one; tests make their
own database in it, one per worker. Redis is never the one of `REDIS_URL`: each test
process starts a Valkey of its own that keeps nothing, so a test may flush it. Keys and
addresses of cloud services are taken out of the environment before settings are read.
What tests store need not outlive a crash, and their passwords need not be hard to guess.
"""

import contextlib
import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import django
import pytest
import redis
from django.conf import settings
from django.db import connection
from hypothesis import settings as examples
from pytest_django.plugin import DjangoDbBlocker

from autoshop import embedded

_CLOUD = ("OPENAI_", "DEEPGRAM_", "GOOGLE_", "TWILIO_", "ELEVENLABS_", "STT_", "TTS_", "LLM_", "CALENDAR_")  # fmt: skip
_OURS = ("YOUR_TEST_NUMBER", "OUTBOUND_LIVE_CALLS", "ENVIRONMENT", "BASE_URL", "PORT", "DEBUG", "SECRET_KEY")  # fmt: skip
_FOLDER = f"autoshop-test-{os.getuid()}-"


def _forget_keys() -> None:
    for name in list(os.environ):
        if name.startswith(_CLOUD) or name in _OURS:
            del os.environ[name]
    os.environ["AUTOSHOP_ENV_FILE"] = ""
    os.environ["DATABASE_POOL"] = "8"
    os.environ["LOG_LEVEL"] = "warning"
    os.environ["SECRET_KEY"] = "a key for tests alone, the same in every process"


def _clear_after_the_killed() -> None:
    """Stop the Valkeys of test processes that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        owner = folder.name.removeprefix(_FOLDER).split("-")[0]
        with contextlib.suppress(OSError, ValueError):
            try:
                os.kill(int(owner), 0)
            except ProcessLookupError:
                embedded.stop_valkey(folder / "s")
                shutil.rmtree(folder, ignore_errors=True)


def _start_servers() -> Path:
    os.environ.setdefault("REDIS_URL", "redis://never-asked")  # so that `up` leaves Redis to us
    embedded.up()
    _clear_after_the_killed()
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
    embedded.start_valkey(folder, folder / "s", keep=False)
    os.environ["REDIS_URL"] = f"unix://{folder / 's'}"
    return folder


# How long an example takes says more about the machine than about the code.
examples.register_profile("unhurried", deadline=None)
examples.load_profile("unhurried")
_forget_keys()
_valkey_folder = _start_servers()
# Set here and not in pyproject.toml: pytest-django would read the settings before this file.
os.environ["DJANGO_SETTINGS_MODULE"] = "autoshop.settings"
_redis = redis.Redis.from_url(os.environ["REDIS_URL"])
django.setup()  # so that test modules and other conftests may import models
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Workers must not inherit it: pytest-django would read their settings before this file has
# given them a Redis of their own.
del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_configure(config: pytest.Config) -> None:
    """A test run that is told to end, ends its server too."""
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to end", returncode=143))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that are allowed longer come first: begun last, one would be waited for alone."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector of garbage need not look at it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage counts nothing in an `unmeasured` test's own thread: counting doubles its time."""
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    counting = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(counting)


def pytest_unconfigure() -> None:
    """Stop this process's Valkey."""
    _redis.close()
    embedded.stop_valkey(_valkey_folder / "s")
    shutil.rmtree(_valkey_folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _tasks_run_at_once() -> None:
    """Celery tasks run where they are asked for; their errors are the test's."""
    from autoshop.celery import app

    app.conf.update(task_always_eager=True, task_eager_propagates=True)


@pytest.fixture(autouse=True)
def _redis_is_empty() -> None:
    """Nothing of an earlier test is cached, counted or waiting: row ids come again after it."""
    _redis.flushall()


@pytest.fixture
def empty_redis() -> None:
    """A Redis that holds nothing, said aloud where a test stands on it."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database; at the end, whoever is still connected (a pool, a thread) is cut off."""
    from autoshop.tests.database import empty_quickly, forget_crashes

    with django_db_blocker.unblock():
        forget_crashes()
    empty_quickly()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
