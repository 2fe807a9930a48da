"""What each tool may be asked, as strict schemas.

Rules: unknown fields are refused, every string is bounded, and no field names a
customer: who the call is about is known by the call, never claimed by a model.
Cars, visits and openings are named by the handles this call gave out. Tools that
only code may run carry the call's `key`, which no model is ever shown.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Handle = Annotated[str, Field(pattern=r"^(car|visit|op)\d{1,3}$", max_length=8)]
OpCode = Annotated[str, Field(pattern=r"^[A-Z0-9-]{2,12}$", max_length=12)]
Short = Annotated[str, Field(max_length=60)]
Words = Annotated[str, Field(max_length=400)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", max_length=10)]
Ride = Literal["shuttle", "loaner"]
Clock = Annotated[str, Field(pattern=r"^\d{2}:\d{2}$", max_length=5)]


class Arguments(BaseModel):
    """Base of all: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CodeArguments(Arguments):
    """Arguments of a tool that only code runs."""

    key: str


class Nothing(Arguments):
    """No arguments."""


class LookupCustomer(Nothing):
    """Whether the shop knows this caller; details only after verification."""


class NewCar(Arguments):
    """A car as the caller names it, for example 2019 Honda CR-V."""

    year: int = Field(ge=1900, le=2100)
    make: Short
    model: Short


class ServiceMenu(Arguments):
    """Find services for what the caller says the car needs, in the caller's own words."""

    concern: Words


class QuotePrice(Arguments):
    """The posted price of a service."""

    service: OpCode


class ShopInfo(Arguments):
    """A fact about the shop: hours, address, directions, shuttle, towing, payment, ..."""

    topic: Words


class GetAvailableSlots(Arguments):
    """At most two openings, nearest to the wish first.

    `when` takes the caller's own words ("next Thursday afternoon"); code resolves
    the date. The other fields narrow it where they are known exactly.
    """

    services: list[OpCode] = Field(min_length=1, max_length=4)
    when: Words | None
    first_day: Day | None
    last_day: Day | None
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] | None
    at: Clock | None
    not_before: Clock | None
    not_after: Clock | None
    waiting: bool | None
    ride: Ride | None
    visit: Handle | None


class BookAppointment(Arguments):
    """Book an opening. `car` for a verified customer's car, else `new_car` as the caller named it.

    `first_name` and `last_name` only for a new customer. `ride` where the caller asks for one.
    """

    opening: Handle
    car: Handle | None
    new_car: NewCar | None
    first_name: Short | None
    last_name: Short | None
    waiting: bool
    ride: Ride | None
    concern: Words | None


class RescheduleAppointment(Arguments):
    """Move a visit to an opening."""

    visit: Handle
    opening: Handle


class CancelAppointment(Arguments):
    """Cancel a visit."""

    visit: Handle
    reason: Words | None


class ConfirmAppointment(Arguments):
    """The caller says they will come to this visit."""

    visit: Handle


class CreateCustomer(Arguments):
    """Open a record for a new customer without booking."""

    first_name: Short
    last_name: Short


class CreateVehicle(Arguments):
    """Add a car to the caller's record."""

    car: NewCar


class GetVehicleInfo(Arguments):
    """Year, make, model and what is due for a car."""

    car: Handle


class GetServiceHistory(Arguments):
    """What was done to a car at its last visits."""

    car: Handle


class ServiceStatus(Nothing):
    """How far the work on the customer's car is."""


class JoinWaitlist(Arguments):
    """Ask to be told when an earlier opening comes up."""

    services: list[OpCode] = Field(min_length=1, max_length=4)
    car: Handle | None
    first_day: Day | None
    last_day: Day | None


class TakeMessage(Arguments):
    """A message for the service desk; a person calls back."""

    reason: Literal[
        "callback", "complaint", "status", "price", "privacy", "other_department", "concern"
    ]
    message: Words
    urgent: bool


class HandOver(Arguments):
    """Connect the caller to a person."""

    reason: Literal[
        "asked",
        "angry",
        "not_understood",
        "safety",
        "money",
        "language",
        "other_department",
        "verification",
        "fault",
    ]


class EndCall(Arguments):
    """Say goodbye and hang up."""

    outcome: Literal["done", "wrong_number", "abusive", "voicemail", "not_interested"]


class OptOut(Nothing):
    """The caller wants no more automated calls or texts."""


class Verify(CodeArguments):
    """A factor as heard: `value` never enters a history, a log or a model."""

    factor: Literal["name", "dob", "vin_last6", "address", "reference", "zip", "birth_day"]
    value: Annotated[str, Field(max_length=120)]


class ChangePhone(Arguments):
    """Make the number the caller gave their main one; `ending` is its last four digits."""

    ending: Annotated[str, Field(pattern=r"^\d{4}$", max_length=4)]


class AddContact(Arguments):
    """Let somebody else ask about, move and cancel the caller's visits."""

    first_name: Short
    last_name: Short


class TextHistory(Nothing):
    """Text the caller what was done at their last visits."""


class SendCode(CodeArguments):
    """Text a code to the number on file."""


class CheckCode(CodeArguments):
    """The code as heard."""

    code: Annotated[str, Field(pattern=r"^\d{6}$", max_length=6)]


class CaptureProfile(CodeArguments):
    """A new customer's date of birth, as ISO date."""

    dob: Day


class RecordConsent(CodeArguments):
    """Whether reminders may come by automated call and text."""

    granted: bool


class RecordFeedback(CodeArguments):
    """How the visit went, 1 to 5, and the caller's own words."""

    score: int | None = Field(ge=1, le=5)
    comment: Annotated[str, Field(max_length=1000)]


class RightParty(CodeArguments):
    """Who answered an outbound call."""

    answer: Literal["yes", "wrong_person", "not_here", "later"]


class NoteFalsehood(CodeArguments):
    """A sentence of a model that was kept back, by the code of the check."""

    code: Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]


def strict_schema(model: type[Arguments]) -> dict[str, object]:
    """The arguments as strict JSON Schema: all required, nothing additional, no defaults."""
    schema = model.model_json_schema()
    schema.pop("description", None)
    cleaned: dict[str, object] = _strict(schema)
    return cleaned


_DROPPED = {
    "title",
    "default",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
}


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    out = {
        key: {name: _strict(value) for name, value in entry.items()}
        if key in ("properties", "$defs")
        else _strict(entry)
        for key, entry in node.items()
        if key not in _DROPPED
    }
    if out.get("type") == "object":
        out["additionalProperties"] = False
        out["required"] = list(out.get("properties", {}))
        out.setdefault("properties", {})
    return out
