"""What a handler works with: one tool call in one live call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from voice.context import CallContext, Receipt
from voice.core.history import Item
from voice.dialogue.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Frame:
    """`now` is aware UTC; `history` ends before this tool's own result."""

    context: CallContext
    history: tuple[Item, ...]
    now: datetime
    knowledge: Knowledge

    @property
    def today(self) -> date:
        """The shop's date."""
        return self.local(self.now).date()

    def local(self, at: datetime) -> datetime:
        """An instant in the shop's zone."""
        return at.astimezone(self.knowledge.zone)

    def with_context(self, **changes: Any) -> "Frame":
        """The same frame with changes to the call's context."""
        return replace(self, context=replace(self.context, **changes))

    def number_handles(self, kind: str, count: int) -> tuple[tuple[str, ...], "Frame"]:
        """Fresh handles ("op3"); a number is given out once per call, whatever the kind."""
        first = self.context.handles_given + 1
        handles = tuple(f"{kind}{number}" for number in range(first, first + count))
        return handles, self.with_context(handles_given=self.context.handles_given + count)

    def add_receipt(self, receipt: Receipt) -> "Frame":
        """Note a write that happened; the proposal that led to it is used up."""
        kept = replace(receipt, customer_id=self.context.customer_id)
        return self.with_context(receipts=(*self.context.receipts, kept), proposal=None)


Handler = Callable[[Frame, Any], "Any"]
