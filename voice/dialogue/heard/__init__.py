"""Into the ear: what a caller said, as facts that code can use.

Rules: pure functions, any text in, a value or None out, never an exception; `today`
and `now` (local to the shop) are given; under a millisecond for anything a caller
says. Import from here:

dates and times   parse_date, parse_time, parse_when, business_time, business_bounds
numbers           parse_digits, parse_phone, parse_zip, parse_odometer, parse_money, parse_score
identity          parse_name, parse_dob, parse_vin_tail, parse_street_number_and_zip,
                  parse_reference, parse_spelling, read_characters
the car           parse_vehicle
answers           parse_yes_no, parse_correction
"""

from voice.dialogue.heard.amounts import parse_money, parse_odometer, parse_score
from voice.dialogue.heard.answers import parse_correction, parse_yes_no
from voice.dialogue.heard.births import parse_dob
from voice.dialogue.heard.characters import (
    parse_reference,
    parse_spelling,
    parse_vin_tail,
    read_characters,
)
from voice.dialogue.heard.dates import parse_date
from voice.dialogue.heard.digits import (
    parse_digits,
    parse_phone,
    parse_street_number_and_zip,
    parse_zip,
)
from voice.dialogue.heard.names import NOT_NAMES, parse_name, parse_vehicle, split_spelled
from voice.dialogue.heard.times import business_bounds, business_time, parse_time
from voice.dialogue.heard.values import (
    AddressHeard,
    Answer,
    CorrectionHeard,
    DateHeard,
    Moment,
    NameHeard,
    Part,
    PhoneHeard,
    TimeHeard,
    VehicleHeard,
    WhenHeard,
    YesNoHeard,
)
from voice.dialogue.heard.when import parse_when

__all__ = [
    "NOT_NAMES",
    "AddressHeard",
    "Answer",
    "CorrectionHeard",
    "DateHeard",
    "Moment",
    "NameHeard",
    "Part",
    "PhoneHeard",
    "TimeHeard",
    "VehicleHeard",
    "WhenHeard",
    "YesNoHeard",
    "business_bounds",
    "business_time",
    "parse_correction",
    "parse_date",
    "parse_digits",
    "parse_dob",
    "parse_money",
    "parse_name",
    "parse_odometer",
    "parse_phone",
    "parse_reference",
    "parse_score",
    "parse_spelling",
    "parse_street_number_and_zip",
    "parse_time",
    "parse_vehicle",
    "parse_vin_tail",
    "parse_when",
    "parse_yes_no",
    "parse_zip",
    "read_characters",
    "split_spelled",
]
