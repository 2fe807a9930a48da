"""How much one caller may book, so that no caller can fill the book.

Rules of this module: its statements run inside the booking's transaction and after the day's lock; a
number has a lock of its own, because two of its calls may book on different days at once.
What was booked counts even when it was cancelled since. Staff have no call and no cap; callers
who withhold their number share one cap. Limits are the shop's settings.
"""

from datetime import datetime, timedelta
from typing import Final

from scheduling.errors import TooManyBookings
from scheduling.statements import Statement

PER: Final = timedelta(hours=24)
LOCK_CLASS: Final = 0x5CA11
_NUMBER: Final = r"""
  select case when n ~ '^\+[1-9][0-9]{7,14}$' then n else '' end as number from (
    select case when direction = 'outbound' then to_number else from_number end as n
      from calls_call where sid = %(call)s) c
"""
_LOCK: Final = f"select pg_advisory_xact_lock(%(lock)s, hashtext(number)) from ({_NUMBER}) d"  # noqa: S608  SQL of ours
_BOOKED: Final = rf"""
with caller as ({_NUMBER})
select (select number from caller), coalesce(max(bookings_per_call), 2),
       coalesce(max(bookings_per_number), 3), coalesce(max(bookings_withheld), 10),
       (select count(*) from scheduling_appointment where call_sid = %(call)s),
       (select count(*) from calls_call c join scheduling_appointment a on a.call_sid = c.sid
         where c.started_at > %(since)s and a.created_at > %(since)s
           and case (select number from caller) when ''
                    then c.direction = 'inbound' and c.from_number !~ '^\+[1-9][0-9]{{7,14}}$'
                    else (select number from caller) in (c.from_number, c.to_number) end)
  from scheduling_shopsettings where id = 1
"""  # noqa: S608


class Question:
    """How much this call, its number and the withheld ones booked: the statements, to be sent
    inside the booking's transaction, and the verdict."""

    def __init__(self, call_sid: str, now: datetime) -> None:
        self._call_sid = call_sid
        values = {"lock": LOCK_CLASS, "call": call_sid, "since": now - PER}
        self._booked = Statement(_BOOKED, values)
        self.statements = (Statement(_LOCK, values), self._booked) if call_sid else ()

    def check(self) -> None:
        """Raise TooManyBookings where one of them booked enough."""
        if not self._call_sid:
            return
        number, per_call, per_number, withheld, by_call, by_number = self._booked.rows[0]
        if by_call >= per_call:
            raise TooManyBookings(scope="call", limit=per_call)
        if number and by_number >= per_number:
            raise TooManyBookings(scope="number", limit=per_number)
        if number == "" and by_number >= withheld:
            raise TooManyBookings(scope="withheld", limit=withheld)
