"""Django's settings, all from the environment (see `.env.example`).

Rules: nonsense raises `BadSetting` here and nowhere later; a provider whose key
is missing is replaced by the built-in local one, never by a pretence; times are
UTC inside, and the shop's zone is a setting.
"""

import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from celery.schedules import crontab

from autoshop import embedded, logs
from autoshop.env import (
    BadSetting,
    env,
    env_bool,
    env_choice,
    env_int,
    env_secret,
    env_url,
    env_zone,
    kept_secret,
    load_file,
)

BASE_DIR = Path(__file__).resolve().parent.parent

load_file(BASE_DIR / ".env")
AUTOSHOP_HOME = embedded.places().home
ENVIRONMENT = env_choice("ENVIRONMENT", "development", ("development", "staging", "production"))
DEVELOPMENT = ENVIRONMENT == "development"
DEBUG = env_bool("DEBUG", False)
PORT = env_int("PORT", 5050, low=1, high=65535)
HOST = env("HOST", "127.0.0.1" if DEVELOPMENT else "0.0.0.0")  # noqa: S104 -- a container's port
BASE_URL = env_url(
    "BASE_URL",
    f"http://127.0.0.1:{PORT}" if DEVELOPMENT else "",
    ("http", "https") if DEVELOPMENT else ("https",),
)
if not BASE_URL:
    raise BadSetting(f"BASE_URL must be set when ENVIRONMENT is {ENVIRONMENT}: Twilio calls it.")
SECRET_KEY = (
    env("SECRET_KEY") or kept_secret(AUTOSHOP_HOME / "secret_key")
    if DEVELOPMENT
    else env_secret("SECRET_KEY", at_least=32, because=f"ENVIRONMENT is {ENVIRONMENT}")
)
# What birth dates are sealed with; several, comma-separated, while a key is being changed.
FIELD_KEY = env("FIELD_KEY")
ALLOWED_HOSTS = (
    ["*"] if DEVELOPMENT else [urlsplit(BASE_URL).hostname or "", "localhost", "127.0.0.1"]
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# ---- what a browser is told --------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = not DEVELOPMENT
SECURE_REDIRECT_EXEMPT = [r"^health/?$", r"^metrics/?$"]  # asked from inside, by plain HTTP
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "django_celery_beat",
    "crm",
    "calls",
    "scheduling",
    "voice",
    "autoshop",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "autoshop.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "autoshop.urls"
ASGI_APPLICATION = "autoshop.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEVELOPMENT  # no collectstatic before the first look
if DEVELOPMENT:
    warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
LOGIN_REDIRECT_URL = "/admin/board/"
LOGIN_URL = "/admin/login/"

# ---- time ------------------------------------------------------------------
USE_TZ = True
SHOP_TIMEZONE = env_zone("SHOP_TIMEZONE", "America/New_York")
TIME_ZONE = SHOP_TIMEZONE
DESK_HOURS = "scheduling.shop_facts.shop_facts"
"""Who knows when the service desk is open; asked by `calls`, which knows no schedule."""
LANGUAGE_CODE = "en-us"


# ---- PostgreSQL and Redis ----------------------------------------------------
def _database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a postgres URL; `?host=/folder` means a Unix socket."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", parts.hostname or "")
    pool = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "autoshop",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,  # under ASGI a kept connection is a leaked one; the pool keeps them
        "OPTIONS": {"pool": pool, "connect_timeout": 5, **query},
    }


def _server(name: str, built_in: str, schemes: tuple[str, ...], otherwise: str = "") -> str:
    """A server's URL: the variable's, else the built-in one's, which only development may use."""
    url = env_url(name, otherwise, schemes)
    if not (url or DEVELOPMENT):
        raise BadSetting(f"{name} must be set when ENVIRONMENT is {ENVIRONMENT}.")
    return url or built_in


DATABASE_POOL = env_int("DATABASE_POOL", 16, low=1, high=200)
DATABASE_URL = _server(
    "DATABASE_URL",
    embedded.database_url(),
    ("postgres", "postgresql"),
    env_url("NEON_DATABASE_URL", "", ("postgres", "postgresql")),
)
REDIS_URL = _server("REDIS_URL", embedded.redis_url(), ("redis", "rediss", "unix"))
DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 2, "SOCKET_TIMEOUT": 2},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}


# ---- Celery ------------------------------------------------------------------
def _broker(url: str) -> str:
    """Celery's spelling of a Unix socket: `redis+socket:///path?virtual_host=1`."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_RESULT_BACKEND = CELERY_BROKER_URL
CELERY_TIMEZONE = SHOP_TIMEZONE
CELERY_BEAT_SCHEDULER = "autoshop.beat:KeepingScheduler"
CELERY_TASK_TIME_LIMIT = 120
CELERY_IMPORTS = (
    "scheduling.tasks_calendar",
    "scheduling.tasks_outbound",
    "scheduling.tasks_visits",
)
CELERY_BEAT_SCHEDULE = {
    "pulse": {"task": "autoshop.tasks.beat_heart", "schedule": 15, "options": {"expires": 30}},
    # Reminders at nine shop time; the sweeps after it are the retries.
    "reminders": {
        "task": "scheduling.tasks_outbound.call_due_reminders",
        "schedule": crontab(hour="9", minute="0"),
        "options": {"expires": 3600},
    },
    "follow-ups": {
        "task": "scheduling.tasks_outbound.call_due_follow_ups",
        "schedule": crontab(hour="10-17", minute="30"),
        "options": {"expires": 1800},
    },
    "outbound": {
        "task": "scheduling.tasks_outbound.place_outbound_calls",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "calendar-writes": {
        "task": "scheduling.tasks_calendar.deliver_calendar_writes",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "calendar-changes": {
        "task": "scheduling.tasks_calendar.pull_calendar_changes",
        "schedule": 120,
        "options": {"expires": 110},
    },
    # Pushes where the server can be reached from outside; the pulls above go on all the same.
    "calendar-channel": {
        "task": "scheduling.tasks_calendar.keep_calendar_channel",
        "schedule": 1800,
        "options": {"expires": 900},
    },
    "expired-holds": {
        "task": "scheduling.tasks_visits.sweep_holds",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "notices": {
        "task": "scheduling.tasks_visits.send_notices",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "waitlist": {
        "task": "scheduling.tasks_visits.match_waitlist",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 290},
    },
    "settle-calls": {
        "task": "scheduling.tasks_outbound.settle_calls",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# ---- providers ---------------------------------------------------------------
OPENAI_API_KEY = env("OPENAI_API_KEY")
OPENAI_BASE_URL = env_url("OPENAI_BASE_URL", "https://api.openai.com/v1", ("http", "https"))
OPENAI_MODEL = env("OPENAI_MODEL", "gpt-4o")
DEEPGRAM_API_KEY = env("DEEPGRAM_API_KEY")
DEEPGRAM_BASE_URL = env_url("DEEPGRAM_BASE_URL", "https://api.deepgram.com", ("http", "https"))
SPECULATE = env_bool("SPECULATE", True)
DEEPGRAM_STT_MODEL = env("DEEPGRAM_STT_MODEL", "nova-2-phonecall")
DEEPGRAM_TTS_MODEL = env("DEEPGRAM_TTS_MODEL", "aura-asteria-en")
ELEVENLABS_API_KEY = env("ELEVENLABS_API_KEY")
ELEVENLABS_VOICE_ID = env("ELEVENLABS_VOICE_ID")
ELEVENLABS_BASE_URL = env_url("ELEVENLABS_BASE_URL", "https://api.elevenlabs.io", ("http", "https"))
GOOGLE_CLIENT_ID = env("GOOGLE_CLIENT_ID")
GOOGLE_CLIENT_SECRET = env("GOOGLE_CLIENT_SECRET")
GOOGLE_REFRESH_TOKEN = env("GOOGLE_REFRESH_TOKEN")
GOOGLE_CALENDAR_ID = env("GOOGLE_CALENDAR_ID", "primary")
GOOGLE_API_ENDPOINT = env_url(
    "GOOGLE_API_ENDPOINT", "https://www.googleapis.com/calendar/v3", ("http", "https")
)
GOOGLE_AUTH_URI = env_url(
    "GOOGLE_AUTH_URI", "https://accounts.google.com/o/oauth2/auth", ("http", "https")
)
GOOGLE_TOKEN_URI = env_url(
    "GOOGLE_TOKEN_URI", "https://oauth2.googleapis.com/token", ("http", "https")
)
TWILIO_ACCOUNT_SID = env("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env("TWILIO_AUTH_TOKEN")
TWILIO_PHONE_NUMBER = env("TWILIO_PHONE_NUMBER")
TWILIO_API_BASE_URL = env_url("TWILIO_API_BASE_URL", "https://api.twilio.com", ("http", "https"))
YOUR_TEST_NUMBER = env("YOUR_TEST_NUMBER")
OUTBOUND_LIVE_CALLS = env_bool("OUTBOUND_LIVE_CALLS", False)
OUTBOUND_GAP_MS = env_int("OUTBOUND_GAP_MS", 2000, low=0, high=600_000)
OUTBOUND_MAX_CALLS = env_int("OUTBOUND_MAX_CALLS", 10, low=1, high=1000)

# ---- e-mail: printed by the worker until there is a server to send it ------------
EMAIL_HOST = env("EMAIL_HOST")
EMAIL_PORT = env_int("EMAIL_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "service@example.com")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"

_SPEECH = "deepgram" if DEEPGRAM_API_KEY else "local"
STT_PROVIDER = env_choice("STT_PROVIDER", _SPEECH, ("deepgram", "flux", "local"))
TTS_PROVIDER = env_choice("TTS_PROVIDER", _SPEECH, ("deepgram", "elevenlabs", "local"))
LLM_PROVIDER = env_choice(
    "LLM_PROVIDER", "openai" if OPENAI_API_KEY else "local", ("openai", "local")
)
CALENDAR_PROVIDER = env_choice(
    "CALENDAR_PROVIDER", "google" if GOOGLE_REFRESH_TOKEN else "local", ("google", "local")
)

# ---- what watches us ----
METRICS_TOKEN = env("METRICS_TOKEN")

# ---- logs ----------------------------------------------------------------------
LOG_LEVEL = env_choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")).upper()
LOG_FORMAT = env_choice("LOG_FORMAT", "console" if DEVELOPMENT else "json", ("console", "json"))
LOGGING = logs.configuration(level=LOG_LEVEL, readable=LOG_FORMAT == "console")
logs.configure_structlog()

# ---- the admin's looks -----------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "Bart's Automotive",
    "SITE_HEADER": "Bart's Automotive",
    "SITE_SUBHEADER": "Service desk",
    "SITE_SYMBOL": "directions_car",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "autoshop.dashboard.front_page",
    "COLORS": {
        "primary": {
            "50": "#eff6ff",
            "100": "#dbeafe",
            "200": "#bfdbfe",
            "300": "#93c5fd",
            "400": "#60a5fa",
            "500": "#3b82f6",
            "600": "#2563eb",
            "700": "#1d4ed8",
            "800": "#1e40af",
            "900": "#1e3a8a",
            "950": "#172554",
        },
    },
    "SIDEBAR": {"show_search": True, "navigation": "autoshop.menu.navigation"},
}
