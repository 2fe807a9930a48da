"""The first of the four families of errors: a refusal.

A refusal is the domain saying no to a request that was understood. It carries a
`code` that callers match on and `facts` for whoever has to word it; it never
carries prose, and never a value that must not be logged (names, numbers, dates
of birth, VINs). Every app's refusals derive from `Refusal`.
"""

from typing import ClassVar


class Refusal(Exception):
    """The domain says no.

    `code` is a stable snake_case word; `facts` are plain JSON values. A subclass
    fixes its code in `default_code`, the base class takes it as first argument.
    """

    default_code: ClassVar[str] = ""

    def __init__(self, code: str = "", **facts: object) -> None:
        self.code = code or self.default_code
        self.facts: dict[str, object] = facts
        super().__init__(self.code)

    def __repr__(self) -> str:
        # Facts may quote what a caller said; the code is all a log may hold.
        return f"{type(self).__name__}({self.code!r})"


class BadValue(Refusal):
    """A value can't be accepted: `field` names it and `reason` says why, both as codes."""

    default_code = "bad_value"

    def __init__(self, field: str, reason: str, **facts: object) -> None:
        super().__init__("", field=field, reason=reason, **facts)


class NotFound(Refusal):
    """There is no such row, or it isn't the asking person's."""

    default_code = "not_found"


class AlreadyThere(Refusal):
    """The same thing exists already: `field` says what collides."""

    default_code = "already_there"
