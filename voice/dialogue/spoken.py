"""Out of the mouth: facts as words that any voice reads rightly.

Rules: pure; no digits, symbols or abbreviations leave these functions, because
every voice guesses differently at "11/24", "$89.95" or "St.". Times are never
24-hour, noon and midnight are words, phone numbers go 3-3-4 with pauses, money is
given in cents and said in dollars. What is said here can be heard again by
`voice.dialogue.heard`, and tests prove it. Whole sentences of any origin go
through `voice.dialogue.spoken_text.speakable`.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from voice.number_words import ONES, ORDINALS, TENS

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
NATO = {
    word[0].upper(): word
    for word in [
        "Alpha",
        "Bravo",
        "Charlie",
        "Delta",
        "Echo",
        "Foxtrot",
        "Golf",
        "Hotel",
        "India",
        "Juliet",
        "Kilo",
        "Lima",
        "Mike",
        "November",
        "Oscar",
        "Papa",
        "Quebec",
        "Romeo",
        "Sierra",
        "Tango",
        "Uniform",
        "Victor",
        "Whiskey",
        "X-ray",
        "Yankee",
        "Zulu",
    ]
}
STREETS = {
    "st": "Street",
    "ave": "Avenue",
    "av": "Avenue",
    "blvd": "Boulevard",
    "rd": "Road",
    "dr": "Drive",
    "ln": "Lane",
    "ct": "Court",
    "pl": "Place",
    "pkwy": "Parkway",
    "hwy": "Highway",
    "cir": "Circle",
    "ter": "Terrace",
    "trl": "Trail",
    "sq": "Square",
    "apt": "Apartment",
    "ste": "Suite",
    "n": "North",
    "s": "South",
    "e": "East",
    "w": "West",
    "ne": "Northeast",
    "nw": "Northwest",
    "se": "Southeast",
    "sw": "Southwest",
}
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"))
_ORDINALS = dict(zip(ONES, ORDINALS, strict=True))
# A date this far ahead or any day of another year that is not near needs its year said.
_YEAR_NEEDED_AFTER = timedelta(days=180)


def say_count(number: int) -> str:
    """A cardinal number: 1240 -> "one thousand two hundred forty"."""
    if number < 0:
        return f"minus {say_count(-number)}"
    for size, name in _SCALES:
        if number >= size:
            head = f"{say_count(number // size)} {name}"
            return _join(head, number % size)
    if number >= 100:
        return _join(f"{ONES[number // 100]} hundred", number % 100)
    return _say_below_hundred(number)


def _join(head: str, rest: int) -> str:
    return f"{head} {say_count(rest)}" if rest else head


def _say_below_hundred(number: int) -> str:
    if number < 20:
        return ONES[number]
    ten, one = divmod(number, 10)
    return f"{TENS[ten]}-{ONES[one]}" if one else TENS[ten]


def is_plural(name: str) -> bool:
    """Whether a service's name is several things: "wiper blades", but not "diagnosis"."""
    return name.endswith("s") and not name.endswith(("ss", "is", "us"))


def with_article(name: str) -> str:
    """A service as something that is booked: "an oil change", "wiper blades"."""
    if is_plural(name) or name[:4] in ("four", "new "):
        return name
    first = name.split(" ")[0].lower()
    vowel = name[:1].lower() in "aeiou" or first == "ev"
    return f"{'an' if vowel else 'a'} {name}"


def say_ordinal(number: int) -> str:
    """An ordinal: 24 -> "twenty-fourth"."""
    words = say_count(number)
    cut = max(words.rfind("-"), words.rfind(" ")) + 1
    head, last = words[:cut], words[cut:]
    if last in _ORDINALS:
        return head + _ORDINALS[last]
    return head + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def say_digits(digits: str) -> str:
    """Digits one by one: "0147" -> "zero one four seven". Anything else is left out."""
    return " ".join(ONES[int(digit)] for digit in digits if digit in "0123456789")


def say_year(year: int) -> str:
    """A year as people say it: 2019 -> "twenty nineteen", 2009 -> "two thousand nine"."""
    century, rest = divmod(year, 100)
    if not 1000 <= year <= 9999 or year % 1000 < 10:
        return say_count(year)
    if rest == 0:
        return f"{say_count(century)} hundred"
    return f"{say_count(century)} {'oh ' if rest < 10 else ''}{say_count(rest)}"


def say_date(day: date, today: date) -> str:
    """A day, always with its weekday: "tomorrow, Tuesday, November twenty-fourth".

    Today and tomorrow are named; a day more than 180 days off carries its year.
    """
    near = {0: "today, ", 1: "tomorrow, "}.get((day - today).days, "")
    text = f"{near}{WEEKDAYS[day.weekday()]}, {say_month_day(day)}"
    return f"{text}, {say_year(day.year)}" if abs(day - today) > _YEAR_NEEDED_AFTER else text


def say_month_day(day: date) -> str:
    """ "November twenty-fourth"."""
    return f"{MONTHS[day.month - 1]} {say_ordinal(day.day)}"


def say_birth_date(day: date) -> str:
    """ "March fourth, nineteen eighty-one". Never for an existing customer's stored date."""
    return f"{say_month_day(day)}, {say_year(day.year)}"


def say_time(at: time) -> str:
    """A time of day, 12-hour: "nine thirty A M", "noon", "midnight"."""
    if at.minute == 0 and at.hour in (0, 12):
        return "noon" if at.hour else "midnight"
    hour = ONES[at.hour % 12 or 12]
    half = "A M" if at.hour < 12 else "P M"
    if at.minute == 0:
        return f"{hour} {half}"
    minute = f"oh {ONES[at.minute]}" if at.minute < 10 else _say_below_hundred(at.minute)
    return f"{hour} {minute} {half}"


def say_when(start: datetime, today: date) -> str:
    """A local date and time: "Tuesday, November twenty-fourth at nine thirty A M"."""
    return f"{say_date(start.date(), today)} at {say_time(start.time())}"


def say_duration(minutes: int) -> str:
    """A length of time in minutes, as people say it: 90 -> "an hour and a half"."""
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return _counted(rest, "minute")
    whole = "an hour" if hours == 1 else f"{say_count(hours)} hours"
    if rest == 0:
        return whole
    if rest == 30:
        return "an hour and a half" if hours == 1 else f"{say_count(hours)} and a half hours"
    return f"{whole} and {_counted(rest, 'minute')}"


def _counted(number: int, noun: str) -> str:
    return f"{say_count(number)} {noun}{'' if number == 1 else 's'}"


def say_money(cents: int) -> str:
    """An amount in cents: 8995 -> "eighty-nine ninety-five", 14900 -> "one hundred ... dollars".

    The short form is used only where it cannot be taken for another amount
    ("one hundred ninety-five" would be either 100.95 or 195).
    """
    if cents < 0:
        return f"minus {say_money(-cents)}"
    dollars, rest = divmod(cents, 100)
    if cents == 0:
        return "no charge"
    if rest == 0:
        return _counted(dollars, "dollar")
    if dollars == 0:
        return _counted(rest, "cent")
    if 10 <= dollars < 1000 and dollars % 100 and rest >= 10:
        return f"{say_count(dollars)} {_say_below_hundred(rest)}"
    return f"{_counted(dollars, 'dollar')} and {_counted(rest, 'cent')}"


def say_phone(number: str) -> str:
    """A phone number in 3-3-4 groups: "five five five, two three four, zero one four seven".

    Takes E.164 or any spelling; a leading North American 1 is not said.
    """
    digits = [character for character in number if character in "0123456789"]
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) != 10:
        return ", ".join(say_digits("".join(digits[i : i + 3])) for i in range(0, len(digits), 3))
    line = "".join(digits)
    return ", ".join(say_digits(group) for group in (line[:3], line[3:6], line[6:]))


def say_last_four(number: str) -> str:
    """The last four digits of a phone number: "zero one four seven"."""
    return say_digits("".join(character for character in number if character.isdigit())[-4:])


def say_characters(text: str) -> str:
    """Letters and digits one by one with pauses: "K7M" -> "K, seven, M"."""
    return ", ".join(_say_character(character) for character in text if character.isalnum())


def _say_character(character: str) -> str:
    return ONES[int(character)] if character in "0123456789" else character.upper()


def say_reference(reference: str) -> str:
    """A booking reference: "K7M4Q2" -> "K, seven, M, four, Q, two"."""
    return say_characters(reference)


def say_spelling(word: str) -> str:
    """A word letter by letter: "Ruiz" -> "R, U, I, Z"."""
    return say_characters(word)


def say_vin_tail(tail: str) -> str:
    """The end of a VIN in threes, letters by the NATO alphabet.

    "4S5678" -> "four, S as in Sierra, five; six, seven, eight".
    """
    said = [_say_vin_character(character) for character in tail.upper() if character.isalnum()]
    return "; ".join(", ".join(said[i : i + 3]) for i in range(0, len(said), 3))


def _say_vin_character(character: str) -> str:
    word = NATO.get(character)
    return f"{character} as in {word}" if word else _say_character(character)


def say_zip(zip_code: str) -> str:
    """A ZIP code digit by digit: "nine zero two one zero"."""
    return say_digits(zip_code[:5])


def say_odometer(miles: int) -> str:
    """Miles: 42500 -> "forty-two thousand five hundred miles"."""
    return _counted(miles, "mile")


def say_name(first: str, last: str = "") -> str:
    """A person's name, with capitals a voice reads well: "DANA","ruiz" -> "Dana Ruiz"."""
    return " ".join(_capitalise(part) for part in f"{first} {last}".split())


def _capitalise(word: str) -> str:
    if word[1:] not in (word[1:].lower(), word[1:].upper()):
        return word  # "McDonald" is right as it is
    pieces = word.lower().replace("-", " - ").replace("'", " ' ").split()
    capital = [piece.capitalize() for piece in pieces]
    if len(pieces) > 2 and pieces[-2] == "'" and pieces[-1] in ("s", "t"):
        capital[-1] = pieces[-1]  # a genitive, not an O'Brien
    return "".join(capital)


def say_address_number(number: str) -> str:
    """A house number in the usual pairs: "1245" -> "twelve forty-five"."""
    digits = "".join(character for character in number if character in "0123456789")
    letters = "".join(character for character in number if character.isalpha())
    said = _say_house_digits(digits)
    return f"{said} {' '.join(letters.upper())}".strip()


def _say_house_digits(digits: str) -> str:
    if not digits or digits[0] == "0" or len(digits) > 4:
        return say_digits(digits)
    value = int(digits)
    if value < 100 or value % 100 == 0:
        return say_count(value)
    head, rest = divmod(value, 100)
    return f"{say_count(head)} {'oh ' if rest < 10 else ''}{say_count(rest)}"


def say_address(number: str, street: str, city: str = "") -> str:
    """A street address: "1245", "Oak St." -> "twelve forty-five Oak Street"."""
    named = " ".join(_say_street_word(word) for word in street.split())
    place = f", {say_name(city)}" if city else ""
    return f"{say_address_number(number)} {named}{place}".strip()


def _say_street_word(word: str) -> str:
    bare = word.rstrip(".,").lower()
    if bare in STREETS:
        return STREETS[bare]
    if bare[:-2].isdigit() and bare[-2:] in ("st", "nd", "rd", "th"):
        return say_ordinal(int(bare[:-2][:9])).capitalize()
    return say_count(int(bare[:9])) if bare.isdigit() else _capitalise(word.rstrip(".,"))


def say_list(items: Sequence[str], word: str = "and") -> str:
    """ "brakes, tires and an oil change". An empty list is ""."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"
