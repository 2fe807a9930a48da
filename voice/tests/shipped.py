"""The shop as it is shipped, and an agent that has read nothing of another one."""

from scheduling.tests import cast
from voice.tools import shop as shop_tools


def open_shop() -> None:
    """Menu, hours, bays, what may be said and the holidays, into empty tables."""
    cast.load_shop()
    shop_tools.forget()
