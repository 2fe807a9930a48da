"""Keys of the caller's phone, collected into what a caller would have said.

Rules: how many keys belong together follows from what was asked. `#` ends a
number that has not ended by itself, `*` starts it again. A lone 0 asks for a person, always; a 0 with other
keys around it is a digit. Answers to a yes/no question are 1 and 2. Any other key
is handed on as it is.
"""

from voice.core.history import Expectation

PERSON = "I'd like to speak to a person."

_LENGTHS = {
    Expectation.PHONE: 10,
    Expectation.DATE_OF_BIRTH: 8,
    Expectation.VIN: 6,
    Expectation.CODE: 6,
    Expectation.ZIP: 5,
    Expectation.ADDRESS: 32,
    Expectation.SCORE: 2,
}
_YES_NO = {"1": "yes", "2": "no"}


class Keypad:
    """Collects keys until they say something."""

    def __init__(self) -> None:
        self._keys = ""

    def __bool__(self) -> bool:
        return bool(self._keys)

    def press(self, key: str, expects: Expectation) -> str | None:
        """Take a key; the caller's words once they are complete, else None (wait for more keys)."""
        if key == "*":
            self._keys = ""
            return None
        if key == "#":
            return self.finish(expects)
        self._keys += key
        return self.finish(expects) if len(self._keys) >= _LENGTHS.get(expects, 1) else None

    def finish(self, expects: Expectation) -> str | None:
        """No more keys are coming: what the caller has said by them, None if nothing."""
        keys, self._keys = self._keys, ""
        if keys == "0":
            return PERSON
        if expects is Expectation.YES_NO:
            return _YES_NO.get(keys, keys) or None
        if expects is Expectation.DATE_OF_BIRTH and len(keys) == 8:
            return f"{keys[:2]}/{keys[2:4]}/{keys[4:]}"
        return keys or None
