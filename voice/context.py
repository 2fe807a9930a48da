"""All that one live call knows, as one frozen value that survives its process.

Rules: it is written to `session:{call_sid}` at every turn and read back by
whichever worker goes on with the call. It never holds a date of birth, a VIN or
an address. What a model sees of it is decided in `voice.dialogue.prompts`.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import TypeAdapter

from voice.dialogue.state import Dialogue
from voice.gate import Flow, Level


@dataclass(frozen=True, slots=True)
class Car:
    """A customer's vehicle, given out only at L2. `label`: "2019 Honda CR-V"."""

    handle: str
    vehicle_id: int
    label: str
    short: str
    make: str = ""
    model: str = ""
    year: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment of the customer's. `start` is aware UTC."""

    handle: str
    appointment_id: int
    version: int
    start: datetime
    op_codes: tuple[str, ...]
    services: str
    car_label: str
    vehicle_id: int
    status: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An opening that was offered. `start` and `end` are aware UTC, `visit_min` minutes."""

    handle: str
    op_codes: tuple[str, ...]
    start: datetime
    end: datetime
    visit_min: int | None
    waiter: bool
    alternatives: bool = False
    rides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A write that was read back and waits for a yes.

    `must_hear` is the part of the read-back with all its values: it must have
    been played out in full before a yes counts. `key` makes the write idempotent.
    """

    key: str
    tool: str
    arguments: str
    say: str
    must_hear: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A write that happened: booked, moved, cancelled, confirmed, ... `start` is aware UTC.

    `customer_id`: for whom, None where the call knew no customer.
    """

    kind: str
    start: datetime | None = None
    words: str = ""
    reference: str = ""
    proposal_key: str = ""
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class CallContext:
    """One call. `caller_number` is E.164 or None; `attestation` A, B, C, failed or ""."""

    call_sid: str
    call_id: int
    direction: str = "inbound"
    purpose: str = "inbound"
    caller_number: str | None = None
    attestation: str = ""
    language: str = "en"
    flow: Flow = Flow.INQUIRY
    level: Level = Level.UNKNOWN
    code_key: str = ""
    # who: candidates are the customers on the calling number, never shown to anybody
    candidate_ids: tuple[int, ...] = ()
    greet_name: str = ""
    party_name: str = ""
    customer_id: int | None = None
    customer_is_new: bool = False
    first_name: str = ""
    name_customer_ids: tuple[int, ...] = ()
    factors_ok: tuple[str, ...] = ()
    tries_left: int = 3
    verification_closed: bool = False
    # a code by text: a keyed digest, never the code
    code_digest: str = ""
    code_sent_at: datetime | None = None
    code_tries: int = 0
    codes_sent: int = 0
    code_ending: str = ""
    code_refused: bool = False
    stepped_up_at: datetime | None = None
    # handles
    cars: tuple[Car, ...] = ()
    visits: tuple[Visit, ...] = ()
    closed_visits: tuple[datetime, ...] = ()
    """Starts of the visits that were open to who spoke before; for the audit after the call."""
    offers: tuple[Offer, ...] = ()
    handles_given: int = 0
    dialled_appointment_id: int | None = None
    dialled_version: int | None = None
    outbound_id: int | None = None
    # writes
    proposal: Proposal | None = None
    proposals_made: int = 0
    bookings_made: int = 0
    receipts: tuple[Receipt, ...] = ()
    # talk
    dialogue: Dialogue = field(default_factory=Dialogue)
    person_asked: int = 0
    outcome: str = ""
    handover_reason: str = ""
    callback_promised: datetime | None = None
    """When an advisor rings back, where nobody could take a hand-over. Aware UTC."""
    mood: str = ""
    slow: bool = False

    def to_json(self) -> bytes:
        """Bytes for the session store."""
        return _ADAPTER.dump_json(self)

    @staticmethod
    def from_json(data: bytes | str) -> "CallContext":
        """The context as it was stored. Raises pydantic.ValidationError on anything else."""
        return _ADAPTER.validate_json(data)

    def car(self, handle: str) -> Car | None:
        """The customer's car behind a handle of this call."""
        return next((car for car in self.cars if car.handle == handle), None)

    def visit(self, handle: str) -> Visit | None:
        """The visit behind a handle of this call."""
        return next((visit for visit in self.visits if visit.handle == handle), None)

    def offer(self, handle: str) -> Offer | None:
        """The opening behind a handle of this call."""
        return next((offer for offer in self.offers if offer.handle == handle), None)

    @property
    def contact_number(self) -> str:
        """Where the shop reaches this caller: what they said, else the number they call from."""
        return self.dialogue.person.phone or self.caller_number or ""


_ADAPTER = TypeAdapter(CallContext)


def open_context(
    *,
    call_sid: str,
    call_id: int,
    direction: str = "inbound",
    purpose: str = "inbound",
    caller_number: str | None = None,
    attestation: str = "",
) -> CallContext:
    """The context of a call that begins now: nobody is known, nothing is asked."""
    flow = {"reminder": Flow.REMINDER, "follow_up": Flow.FOLLOW_UP}.get(purpose, Flow.INQUIRY)
    return CallContext(
        call_sid=call_sid,
        call_id=call_id,
        direction=direction,
        purpose=purpose,
        caller_number=caller_number,
        attestation=attestation,
        flow=flow,
        code_key=secrets.token_hex(8),
    )


def drop_identity(context: CallContext) -> CallContext:
    """Back to L0: somebody else is speaking, or the call took them for the wrong person."""
    return replace(
        context,
        level=Level.UNKNOWN,
        customer_id=None,
        customer_is_new=False,
        first_name="",
        name_customer_ids=(),
        factors_ok=(),
        code_digest="",
        stepped_up_at=None,
        cars=(),
        visits=(),
        closed_visits=(*context.closed_visits, *(visit.start for visit in context.visits)),
        proposal=None,
    )
