"""Vehicle identification numbers (49 CFR 565 and ISO 3779). Pure.

Rules: seventeen characters, letters I, O and Q are never used; position 9 is a check
digit over the others; position 10 is the model year, in a thirty-year cycle that
position 7 decides for cars and light trucks (a digit before 2010, a letter from then
on, 49 CFR 565.15(b)). Only North American makers must keep the check digit, so a car
whose first character is not 1 to 5 may fail it and still be real.
"""

from enum import StrEnum
from typing import Final

LENGTH: Final = 17
WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
"""49 CFR 565.15(c), table IV; position 9 weighs nothing, it holds the result."""
YEAR_CODES: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"
"""Table VI: A is 1980 and again 2010; no I, O, Q, U, Z, 0."""
_VALUES: Final = (
    dict(zip("ABCDEFGH", range(1, 9), strict=True))
    | dict(zip("JKLMN", range(1, 6), strict=True))
    | {"P": 7, "R": 9}
    | dict(zip("STUVWXYZ", range(2, 10), strict=True))
    | {str(digit): digit for digit in range(10)}
)


class VinProblem(StrEnum):
    """Why a text can't be a VIN."""

    LENGTH = "length"
    CHARACTER = "character"
    CHECK_DIGIT = "check_digit"
    YEAR_CODE = "year_code"


def normalise(text: str) -> str:
    """Upper case without spaces and dashes. Reads at most 40 characters."""
    return "".join(char for char in text[:40].upper() if char not in " -.")


def check(vin: str) -> VinProblem | None:
    """What is wrong with a normalised VIN; None where nothing is."""
    if len(vin) != LENGTH:
        return VinProblem.LENGTH
    if any(char not in _VALUES for char in vin):
        return VinProblem.CHARACTER
    if vin[0] in "12345" and vin[8] != check_digit(vin):
        return VinProblem.CHECK_DIGIT
    if vin[9] not in YEAR_CODES:
        return VinProblem.YEAR_CODE
    return None


def check_digit(vin: str) -> str:
    """The character that belongs in position 9. Raises KeyError on I, O, Q and the like."""
    rest = sum(_VALUES[char] * weight for char, weight in zip(vin, WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def model_year(vin: str) -> int:
    """The model year, 1980 to 2039. Raises ValueError on a code that stands for none."""
    offset = YEAR_CODES.index(vin[9])
    return (2010 if vin[6].isalpha() else 1980) + offset


def year_code(year: int) -> str:
    """The character of position 10 for a model year of 1980 to 2039."""
    return YEAR_CODES[(year - 1980) % 30]


def build(*, maker: str, attributes: str, year: int, plant: str, serial: int) -> str:
    """A VIN with the right check digit.

    `maker` is the three characters of the WMI, `attributes` positions 4 to 8,
    `plant` one character, `serial` at most 999999.
    """
    draft = f"{maker}{attributes}0{year_code(year)}{plant}{serial:06d}"
    return draft[:8] + check_digit(draft) + draft[9:]
