"""What callers say about their car -> services of the menu as it stands.

Rules of this module: how words are matched is `matching`'s business and pure; here the
menu is read, so that an alias that staff add in the admin counts from the next call on.
"""

from functools import lru_cache

from scheduling import menu
from scheduling.matching import ConcernMatch, Matcher

__all__ = ["ConcernMatch", "match_concern", "matcher_of"]


def match_concern(text: str) -> ConcernMatch:
    """The services that a caller's words ask for; see `ConcernMatch`."""
    return matcher_of(tuple((item.op_code, item.aliases) for item in menu.items())).match(text)


@lru_cache(maxsize=4)
def matcher_of(menu_items: tuple[tuple[str, tuple[str, ...]], ...]) -> Matcher:
    """The matcher of one state of the menu; an edited menu gets its own."""
    return Matcher(menu_items)
