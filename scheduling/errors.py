"""The schedule's refusals.

All of them: Refusal
 +- OpeningTaken     the time has just gone, or never was free
 +- OutsideHours     closed then, during lunch, off the grid, or too late to finish
 +- PastDate         in the past
 +- TooSoon          less notice than the shop needs
 +- TooFar           beyond the booking horizon
 +- CapReached       a limit of that day is used up: facts["limit"] names it
 +- WaitNotPossible  this work is not waited for, or not at that time
 +- NoBayCanDo       no bay of the shop does this combination of work
 +- UnknownService   no such service: facts["op_code"]
 +- ServiceNotForCar this car has nothing to do it on: facts["op_codes"], ["powertrain"], ["instead"]
 +- TooManyBookings  this call, number or crowd has booked enough: facts["scope"], ["limit"]
 +- NotYours         no such appointment for this customer; also when there is none at all
 +- DuplicateVisit   the vehicle already has a visit then, or one that is still to come
 +- TooLate          the visit has begun, or is over: nothing left to move or cancel
 +- StaleVersion     somebody changed the visit since it was read
 +- KeyReused        the idempotency key belongs to another request
 +- BadInput         a value that cannot be stored: facts["field"]

A refusal has a code and facts, never words for a caller, and nothing was written.
"""

from crm.errors import Refusal


class OpeningTaken(Refusal):
    """The time has just gone."""

    default_code = "opening_taken"


class OutsideHours(Refusal):
    """Closed then, in the lunch break, off the grid, or too late to be finished."""

    default_code = "outside_hours"


class PastDate(Refusal):
    """The time is in the past."""

    default_code = "past_date"


class TooSoon(Refusal):
    """Less notice than the shop needs; `lead_min` says how much."""

    default_code = "too_soon"


class TooFar(Refusal):
    """Beyond the booking horizon; `horizon_days` says how far."""

    default_code = "too_far"


class CapReached(Refusal):
    """A limit of that day is used up; `limit` names it."""

    default_code = "cap_reached"


class WaitNotPossible(Refusal):
    """This work is not waited for, or not at that time of day."""

    default_code = "wait_not_possible"


class NoBayCanDo(Refusal):
    """No bay does this combination of work: an advisor has to plan it."""

    default_code = "no_bay_can_do"


class UnknownService(Refusal):
    """No such service on the menu; `op_code` is what was asked for."""

    default_code = "unknown_service"


class ServiceNotForCar(Refusal):
    """Such as an oil change for an electric car.

    `op_codes` are the services that do not fit its `powertrain`, `instead` those made for it.
    """

    default_code = "service_not_for_car"


class TooManyBookings(Refusal):
    """Enough was booked: `scope` is call, number or withheld, `limit` how many may be."""

    default_code = "too_many_bookings"


class NotYours(Refusal):
    """No such appointment or vehicle for this customer; the same answer when none exists."""

    default_code = "not_yours"


class DuplicateVisit(Refusal):
    """The vehicle has a visit at that time already."""

    default_code = "duplicate_visit"


class TooLate(Refusal):
    """The visit has begun or is over; `status` says where it stands."""

    default_code = "too_late"


class StaleVersion(Refusal):
    """Somebody changed the visit since it was read; `version` is the one that holds now."""

    default_code = "stale_version"


class KeyReused(Refusal):
    """The idempotency key was used for another kind of request."""

    default_code = "key_reused"


class BadInput(Refusal):
    """A value that cannot be stored; `field` names it."""

    default_code = "bad_input"
