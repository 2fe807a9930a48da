"""What is deleted when it has grown old enough.

Rules: transcripts and tool calls after a year, calls themselves after two, tries to verify
after ninety days, what a keyless shop would have sent after thirty. Consent events, the
do-not-call list, service history and visits stay: the law or the trade needs them. Every
rule is a query by an indexed time; rows go in batches, so that nothing is locked for long.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Model, QuerySet

from calls.models import Call, OutboxMessage, ToolInvocation, Utterance, VerificationAttempt
from crm.models import FactorTry

BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of `model` go once `field` is more than `days` ago."""

    title: str
    model: type[Model]
    field: str
    days: int


RULES: Final = (
    Rule("transcripts", Utterance, "call__started_at", 365),
    Rule("tool calls", ToolInvocation, "at", 365),
    Rule("verification of calls", VerificationAttempt, "at", 90),
    Rule("verification tries", FactorTry, "at", 90),
    Rule("messages never sent", OutboxMessage, "at", 30),
    Rule("calls", Call, "started_at", 730),
)


def apply(now: datetime, *, really: bool) -> Iterator[tuple[Rule, int]]:
    """Each rule with the number of rows that it takes; deleted only where `really` is True."""
    for rule in RULES:
        old = _old(rule, now)
        yield rule, _delete(old) if really else old.count()


def _old(rule: Rule, now: datetime) -> "QuerySet[Any]":
    before = now - timedelta(days=rule.days)
    return rule.model._default_manager.filter(**{f"{rule.field}__lt": before}).order_by()


def _delete(old: "QuerySet[Any]") -> int:
    gone = 0
    while True:
        with transaction.atomic():
            batch = list(old.values_list("pk", flat=True)[:BATCH])
            old.model._default_manager.filter(pk__in=batch).delete()
        gone += len(batch)
        if len(batch) < BATCH:
            return gone
