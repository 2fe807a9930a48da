"""Settings refuse what can't work, and every variable they read is listed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_READ = re.compile(r"(?:env\w*|_server|environ\.get)\(\s*\"([A-Z][A-Z0-9_]+)\"")
# Read by a library, by the tests or by Compose, not by us.
_FOREIGN = {"POSTGRES_PASSWORD"}
# Set by whoever starts a process, not by whoever deploys the product.
_INTERNAL = {
    "AUTOSHOP_ENV_FILE", "CI", "DJANGO_SETTINGS_MODULE", "FORWARDED_ALLOW_IPS",
    "PROMETHEUS_MULTIPROC_DIR", "PYTHONASYNCIODEBUG", "TEST_WORKERS", "VENV", "SOME_NAME",
}  # fmt: skip
PRODUCTION = {
    "ENVIRONMENT": "production",
    "BASE_URL": "https://shop.example.com",
    "SECRET_KEY": "k" * 40,
    "DATABASE_URL": "postgresql://shop:hunter2@db/shop?sslmode=require",
    "REDIS_URL": "rediss://redis/0",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "t",
}


def _load(environment: dict[str, str], show: str = "''") -> subprocess.CompletedProcess[str]:
    """Import the settings in a process of their own and print an expression over them."""
    command = [sys.executable, "-c", f"from autoshop import settings as s; print(({show}))"]
    clean = {"PATH": os.environ["PATH"], "AUTOSHOP_ENV_FILE": "", "AUTOSHOP_HOME": "/nonexistent"}
    return subprocess.run(
        command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False
    )


def _listed() -> set[str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return {line.split("=")[0] for line in lines if line and not line.startswith("#")}


def _read() -> set[str]:
    found: set[str] = set()
    for app in ("autoshop", "crm", "calls", "scheduling", "voice"):
        for path in (ROOT / app).rglob("*.py"):
            if "tests" not in path.parts:
                found |= set(_READ.findall(path.read_text()))
    return found


def test_every_variable_that_is_read_is_listed_and_the_other_way_round() -> None:
    assert _read() - _INTERNAL == _listed() - _FOREIGN


def test_an_empty_environment_is_a_development_on_the_built_in_servers_and_providers() -> None:
    shown = "s.ENVIRONMENT, s.LLM_PROVIDER, s.STT_PROVIDER, s.CALENDAR_PROVIDER, s.PORT"
    outcome = _load({}, shown)
    assert outcome.stdout.strip() == "('development', 'local', 'local', 'local', 5050)"


def test_a_key_alone_chooses_its_cloud_provider() -> None:
    outcome = _load(
        {"OPENAI_API_KEY": "k", "DEEPGRAM_API_KEY": "k"}, "s.LLM_PROVIDER, s.TTS_PROVIDER"
    )
    assert outcome.stdout.strip() == "('openai', 'deepgram')"


@pytest.mark.parametrize("missing", ["BASE_URL", "SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_production_says_which_variable_it_misses(missing: str) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    outcome = _load(environment)
    assert outcome.returncode != 0
    assert f"{missing} must be set when ENVIRONMENT is production" in outcome.stderr


def test_production_refuses_plain_http() -> None:
    outcome = _load(PRODUCTION | {"BASE_URL": "http://shop.example.com"})
    assert "BASE_URL must start with https://" in outcome.stderr


def test_neons_name_for_the_database_is_read_where_ours_is_unset() -> None:
    environment = PRODUCTION | {"DATABASE_URL": "", "NEON_DATABASE_URL": "postgres://u:p@neon/main"}
    shown = "s.DATABASES['default']['HOST'], s.DATABASES['default']['NAME']"
    assert _load(environment, shown).stdout.strip() == "('neon', 'main')"


def test_a_database_urls_options_reach_the_driver_and_its_socket_folder_is_the_host() -> None:
    url = "postgresql://me@/shop?host=/run/pg&sslmode=prefer"
    shown = "s.DATABASES['default']['HOST'], s.DATABASES['default']['OPTIONS']['sslmode']"
    assert _load({"DATABASE_URL": url}, shown).stdout.strip() == "('/run/pg', 'prefer')"


def test_a_redis_socket_is_respelt_for_celery() -> None:
    outcome = _load({"REDIS_URL": "unix:///run/v.sock?db=3"}, "s.CELERY_BROKER_URL")
    assert outcome.stdout.strip() == "redis+socket:///run/v.sock?virtual_host=3"
