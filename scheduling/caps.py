"""How much one caller may book, so that no caller can fill the book.

Rules of this module: it runs inside the booking's transaction and after the day's lock; a
number has a lock of its own, because two of its calls may book on different days at once.
What was booked counts even when it was cancelled since. Staff have no call and no cap; callers
who withhold their number share one cap. Limits are the shop's settings.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from scheduling.errors import TooManyBookings

PER: Final = timedelta(hours=24)
LOCK_CLASS: Final = 0x5CA11
_NUMBER: Final = r"""
select number, pg_advisory_xact_lock(%(lock)s, hashtext(number)) from (
  select case when n ~ '^\+[1-9][0-9]{7,14}$' then n else '' end as number from (
    select case when direction = 'outbound' then to_number else from_number end as n
      from calls_call where sid = %(call)s) c) d
"""
_BOOKED: Final = r"""
select coalesce(max(bookings_per_call), 2), coalesce(max(bookings_per_number), 3),
       coalesce(max(bookings_withheld), 10),
       (select count(*) from scheduling_appointment where call_sid = %(call)s),
       (select count(*) from calls_call c join scheduling_appointment a on a.call_sid = c.sid
         where c.started_at > %(since)s and a.created_at > %(since)s
           and case when %(number)s = ''
                    then c.direction = 'inbound' and c.from_number !~ '^\+[1-9][0-9]{7,14}$'
                    else c.from_number = %(number)s or c.to_number = %(number)s end)
  from scheduling_shopsettings where id = 1
"""


def check(*, call_sid: str, now: datetime) -> None:
    """Raise TooManyBookings where this call, its number or the withheld ones booked enough."""
    if not call_sid:
        return
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, {"lock": LOCK_CLASS, "call": call_sid})
        row = cursor.fetchone()
        number = row[0] if row else None
        cursor.execute(_BOOKED, {"call": call_sid, "number": number, "since": now - PER})
        per_call, per_number, withheld, by_call, by_number = cursor.fetchone()
    if by_call >= per_call:
        raise TooManyBookings(scope="call", limit=per_call)
    if number and by_number >= per_number:
        raise TooManyBookings(scope="number", limit=per_number)
    if number == "" and by_number >= withheld:
        raise TooManyBookings(scope="withheld", limit=withheld)
