"""What a log line may hold, and how it is written.

Rules: every line is one JSON object (or one readable line, in development) with the
time, the level, the logger, the event and, inside a call, `call_sid`; whoever runs a
call binds it by `structlog.contextvars.bind_contextvars(call_sid=...)`, so no app
imports this module. Nothing personal leaves the process: keys that name such things
are dropped, and telephone numbers and VINs are cut out of every text, tracebacks too.
"""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FORBIDDEN = frozenset(
    {
        "address", "api_key", "arguments", "authorization", "birth_date", "body", "caller_name", "color_message",
        "content", "cookie", "customer_name", "date_of_birth", "dob", "email", "factor_value",
        "first_name", "full_name", "headers", "heard_text", "last_name", "messages", "name_said",
        "password", "payload", "prompt", "request", "said", "secret", "street", "text", "token", "transcript",
        "utterance", "value", "vin", "words",
    }
)  # fmt: skip
NUMBER_KEYS = frozenset({"ani", "caller", "called", "from_number", "number", "phone", "to_number"})
_NUMBER = re.compile(r"(?<!\w)\+?\d{10,15}(?!\w)")
_VIN = re.compile(r"(?<!\w)(?=[A-HJ-NPR-Z0-9]*\d)[A-HJ-NPR-Z0-9]{17}(?!\w)", re.IGNORECASE)


def last_four(number: str) -> str:
    """`...0142` for +14155550142: enough to find a call by, too little to ring."""
    return f"...{number[-4:]}" if len(number) > 4 else number


def mask(text: str) -> str:
    """The text without telephone numbers (last four stay) and VINs."""
    return _VIN.sub("[vin]", _NUMBER.sub(lambda found: last_four(found.group()), text))


def drop_private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The processor: forbidden keys go, numbers keep four digits, texts are masked."""
    kept: dict[str, Any] = {}
    for key, value in event.items():
        if key in FORBIDDEN:
            continue
        if key in NUMBER_KEYS:
            kept[key] = last_four(str(value)) if value else value
        else:
            kept[key] = mask(value) if isinstance(value, str) and key != "call_sid" else value
    return kept


def not_about_health(record: logging.LogRecord) -> bool:
    """A 503 of /health is an answer, not an event: whoever asked knows it now."""
    return "/health" not in str(record.args)


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configuration(*, level: str, readable: bool) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, through one formatter."""
    writer: Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if readable
        else structlog.processors.JSONRenderer(sort_keys=True)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    drop_private,
                    writer,
                ],
            }
        },
        "filters": {
            "events": {"()": "django.utils.log.CallbackFilter", "callback": not_about_health}
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.channels.server": {"level": "WARNING"},
            "django.server": {"level": "WARNING"},
            "django.request": {"filters": ["events"]},
            "httpx": {"level": "WARNING"},
            "websockets": {"level": "WARNING"},  # two lines for each of the simulators' connections
            "celery": {"level": "WARNING"},
            "django_celery_beat": {"level": "WARNING"},
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.access": {"level": "WARNING"},
        },
    }


def configure_structlog() -> None:
    """Let `structlog.get_logger()` end in the same handler as the standard library's loggers."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
