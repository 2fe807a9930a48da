"""Names as people say, spell and mishear them. Pure.

Rules: a key is lower case ASCII letters, words apart by one space, so that "José
O'Neil-Díaz" and "jose oneil diaz" are one key. Comparison is forgiving where the
ear is (metaphone, Jaro-Winkler >= 0.88, nicknames), but never so forgiving that
another member of the household passes: first and last name must each match.
"""

import re
import unicodedata

import jellyfish

SIMILAR = 0.88
"""Jaro-Winkler similarity from which two spellings count as one name."""

_FILLER_WORDS = (
    "uh um hi hello hey yes yeah sure okay ok well this is my name is it i am im its it's "
    "the a mr mrs ms miss dr jr sr junior senior here speaking calling under for please"
)
_FILLERS = frozenset(_FILLER_WORDS.split())

_NICKNAME_GROUPS = """
abigail abby gail|albert al bert|alexander alex al sandy xander|alexandra alex lexi sandra sandy
alfred al fred|alicia ali|allison ali ally|amanda mandy|andrea andi drea|andrew andy drew|angela angie
anthony tony|antonio tony|arthur art|barbara barb babs|beatrice bea|benjamin ben benny|bernard bernie
beverly bev|bradley brad|brandon bran|brittany britt|calvin cal|cameron cam|carolyn carol|catherine cathy kathy cat kate katherine kathryn
charles charlie chuck|charlotte charlie lottie|cheryl sherry|christina chris tina christy|christine chris tina chrissy
christopher chris topher kit|clifford cliff|cynthia cindy|daniel dan danny|danielle dani|david dave davy
deborah deb debbie debra|dennis denny|dolores lola|donald don donny|dorothy dot dottie|douglas doug|edgar ed
edward ed eddie ted ned|eleanor ellie nora|elizabeth liz beth betty eliza lizzy lisa betsy|emily em|eugene gene
evelyn evie|francis frank|franklin frank|frances fran frannie|francisco pancho paco frank|frederick fred freddy
gabriel gabe|gabriela gabby|gerald jerry gerry|geraldine gerry|gregory greg|guadalupe lupe|guillermo memo
harold harry hal|henry hank harry|herbert herb|howard howie|isabel izzy bella|isabella izzy bella|jacob jake
jacqueline jackie|james jim jimmy jamie|jason jay|jeffrey jeff|jennifer jen jenny|jeremy jerry|jessica jess jessie
jesus chuy|joan joanie|jonathan jon john|john jack johnny jon|jose pepe joe|joseph joe joey|joshua josh|juan johnny
judith judy|julia julie|katherine kate kathy katie kat kathryn|kathleen kathy kate|kenneth ken kenny|kevin kev
kimberly kim|lawrence larry|leonard leo len lenny|leslie les|lillian lily|louis lou louie|louise lou|lucas luke
luis lou|manuel manny|marcus marc mark|margaret maggie meg peggy marge margie greta|maria mary|marjorie marge
martha marty|martin marty|matthew matt|maximilian max|megan meg|melissa mel missy|melvin mel|michael mike mikey mick
michelle shelly|mitchell mitch|nancy nan|natalie nat|nathan nate|nathaniel nate nathan|nicholas nick nicky
nicole nikki|norman norm|olivia liv|pamela pam|patricia pat patty trish tricia|patrick pat paddy|peter pete
philip phil|phillip phil|phyllis phil|rachel rach|ramon ray|randall randy|raymond ray|rebecca becky becca
reginald reggie|ricardo ricky rick|richard rick rich dick richie ricky|robert bob rob bobby robbie bert
roberto beto rob|roger rog|ronald ron ronnie|rosemary rose|rosa rose|russell russ|samantha sam|samuel sam sammy
sandra sandy|santiago diego|sara sarah|sean shawn shaun|stephanie steph|stephen steve|steven steve stevie|stuart stu
sue susan susie suzanne|tamara tammy|teresa terry tess|terrence terry|theodore ted teddy theo|theresa terry tess
thomas tom tommy|timothy tim timmy|tyler ty|valerie val|vanessa nessa|vernon vern|veronica ronnie roni
victor vic|victoria vicky tori|vincent vince vinny|virginia ginny|vivian viv|walter walt|wendell wendy
wesley wes|william bill will billy willy liam|zachary zach
"""


def _nicknames() -> dict[str, frozenset[str]]:
    """Each name -> every group it belongs to, as the index of that group."""
    groups: dict[str, set[str]] = {}
    for n, line in enumerate(_NICKNAME_GROUPS.replace("\n", "|").split("|")):
        for name in line.split():
            groups.setdefault(name, set()).add(str(n))
    return {name: frozenset(found) for name, found in groups.items()}


_NICKNAMES = _nicknames()


def plain(text: str) -> str:
    """Lower case ASCII letters and single spaces; at most 200 characters are read."""
    flat = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z]+", " ", flat.replace("'", "")).split())


def name_key(first: str, last: str) -> str:
    """The key under which a name is searched: "last first"."""
    return f"{plain(last)} {plain(first)}".strip()[:130]


def same_given_name(said: str, stored: str) -> bool:
    """True when one could be heard, or used, for the other."""
    shared = _NICKNAMES.get(said, frozenset()) & _NICKNAMES.get(stored, frozenset())
    return bool(shared) or sounds_alike(said, stored)


def sounds_alike(said: str, stored: str) -> bool:
    """True when two plain words are spelt or spoken nearly alike."""
    if not said or not stored:
        return False
    if said == stored or jellyfish.jaro_winkler_similarity(said, stored) >= SIMILAR:
        return True
    # Metaphone is coarse on short words (it hears "Amy" in "Emma"), so spelling must help.
    close = jellyfish.jaro_winkler_similarity(said, stored) >= 0.75
    return close and jellyfish.metaphone(said) == jellyfish.metaphone(stored)


def name_matches(said: str, first: str, last: str) -> bool:
    """True when what was said holds this first and this last name, in either order."""
    words = [word for word in plain(said).split() if word not in _FILLERS] or plain(said).split()
    firsts, lasts = _variants(first), _variants(last)
    if not words or not firsts or not lasts:
        return False
    runs = [(i, j) for i in range(len(words)) for j in range(i + 1, min(i + 3, len(words)) + 1)]
    given = [run for run in runs if any(same_given_name(_join(words, run), f) for f in firsts)]
    family = [run for run in runs if any(sounds_alike(_join(words, run), f) for f in lasts)]
    if any(a[1] <= b[0] or b[1] <= a[0] for a in given for b in family):
        return True
    return len(words) == 1 and _spelled_in_one(words[0], firsts, lasts)


def _spelled_in_one(said: str, firsts: tuple[str, ...], lasts: tuple[str, ...]) -> bool:
    """True when a word parts into the first and the last name: "danaruiz", as it is spelled."""
    cuts = range(2, len(said) - 1)
    return any(
        any(same_given_name(said[:cut], first) for first in firsts)
        and any(sounds_alike(said[cut:], last) for last in lasts)
        for cut in cuts
    )


def _variants(name: str) -> tuple[str, ...]:
    """A stored name joined, and where it is double ("Garcia Lopez") also each half."""
    parts = plain(name).split()
    whole = "".join(parts)
    return (
        tuple(dict.fromkeys([whole, *(part for part in parts if len(part) > 2)])) if whole else ()
    )


def _join(words: list[str], run: tuple[int, int]) -> str:
    return "".join(words[run[0] : run[1]])
