"""Everything that must be there before the first call: servers, models, tables, data.

    python -m autoshop.prepare [--quiet]

Rules: each step looks first whether it is needed, so a second run costs next to
nothing; each shows that it works when it takes longer than a second; each failure is
`NotReady`, one sentence that says what helps, without secrets. Data is loaded into
empty tables only: what staff changed is never overwritten.
"""

import contextlib
import io
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator

from rich.console import Console

from autoshop import embedded
from autoshop.env import BadSetting, load_file

STAFF_NAME = "admin"
console = Console(highlight=False)


class NotReady(Exception):
    """The product can't start; the text says why and what helps."""


@contextlib.contextmanager
def step(title: str, *, quiet: bool = False) -> Iterator[None]:
    """Show a step while it runs, and how long it took where that is worth a word."""
    started = time.monotonic()
    if not console.is_terminal and not quiet:
        console.print(f"{title} ...")
    with console.status(f"{title} ...") if console.is_terminal else contextlib.nullcontext():
        yield
    took = time.monotonic() - started
    if not quiet or took > 1:
        console.print(f"{title}: {took:.1f} s")


def start_servers() -> None:
    """The built-in servers, where no URL names others."""
    try:
        embedded.up()
    except embedded.EmbeddedError as error:
        raise NotReady(str(error)) from error


def load_django() -> None:
    """Read the settings and load the apps."""
    import django

    try:
        django.setup()
    except BadSetting as error:
        raise NotReady(str(error)) from error


def check_database() -> None:
    """One connection, without the pool's retries, so that a wrong URL says so at once."""
    import psycopg
    from django.conf import settings

    try:
        psycopg.connect(settings.DATABASE_URL, connect_timeout=5).close()
    except psycopg.Error as error:
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise NotReady(f"DATABASE_URL does not work: {said}") from error


def check_redis() -> None:
    """One PING."""
    import redis
    from django.conf import settings

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5) as connection:
            connection.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise NotReady(f"REDIS_URL does not work: {error}") from error


def prepare_speech() -> None:
    """Make the local voices' models ready, where they are what speaks or listens.

    In a session of its own, so that Ctrl-C stops it through us and not in the middle of a word.
    """
    from django.conf import settings

    if "local" not in (settings.STT_PROVIDER, settings.TTS_PROVIDER):
        return
    from voice.providers.local import cache

    if cache.is_ready():
        return
    command = [sys.executable, "-m", "voice.providers.local_speech", "prepare"]
    outcome = subprocess.run(command, cwd=embedded.ROOT, start_new_session=True)
    if outcome.returncode:
        raise NotReady("The local speech models can't be made ready (the reason is above).")


def migrate() -> None:
    """Bring the tables up to date."""
    from django.core.management import call_command
    from django.db import DatabaseError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        first = str(error).strip().splitlines()[0]
        raise NotReady(f"The tables can't be brought up to date: {first}") from error


def load_shop() -> None:
    """Menu, hours, bays, advisors and articles, where their tables are empty."""
    from django.core.management import call_command

    call_command("load_shop", verbosity=0)


def seed() -> bool:
    """Fill an empty CRM with made-up customers, in development only. True where it did."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command, get_commands

    if not settings.DEVELOPMENT or "seed_crm" not in get_commands():
        return False
    if apps.get_model("crm.Customer")._default_manager.exists():
        return False
    call_command("seed_crm")
    return True


def make_staff() -> str:
    """A staff account where there is none. Returns its password, once, else an empty text."""
    from django.contrib.auth import get_user_model

    people = get_user_model()._default_manager
    if people.filter(is_superuser=True).exists():
        return ""
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser(STAFF_NAME, "", password)
    return password


def everything(*, quiet: bool = False) -> str:
    """All steps, in order. Returns the new staff password, or an empty text. Raises NotReady."""
    with step("Servers", quiet=quiet):
        start_servers()
        load_django()
        check_database()
        check_redis()
    with step("Tables", quiet=quiet):
        migrate()
        load_shop()
    prepare_speech()
    seed()
    with contextlib.redirect_stderr(io.StringIO()):
        return make_staff()


def main(arguments: list[str]) -> int:
    """The command line. Exit code 1 and one sentence where something is wrong."""
    import os

    load_file(embedded.ROOT / ".env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
    try:
        password = everything(quiet="--quiet" in arguments)
    except NotReady as error:
        console.print(str(error), style="bold red", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    if password:
        console.print(f"Staff account: {STAFF_NAME} / {password} (shown this once)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
