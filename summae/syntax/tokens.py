"""A sentence cut into syntactic words, as the English Web Treebank cuts it; linear in its length.

Rules, no model: marks apart, clitics apart ("do n't", "it 's"), words apart at hyphens and slashes unless what
stands before the hyphen is a prefix ("non-human" is one word), numbers, dates, addresses and abbreviations whole.
Every character of a script without spaces is a token of its own. Guidelines: UD English, "Tokenization"
(https://universaldependencies.org/en/); Bies et al., English Web Treebank (LDC2012T13).
"""

from __future__ import annotations

import re
from functools import lru_cache

from summae.text.words import UNSPACED

_MARKS = (  # what is no part of a word: punctuation and symbols of ASCII, Latin-1, Unicode's blocks of them, emoji
    r"!-/:-@\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u055a-\u055f\u0589\u05be\u05f3\u05f4"
    r"\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2100-\u214f"
    r"\u2190-\u2bff\u3001-\u3003\u3008-\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    "\U0001f000-\U0001faff\ufe0f"
).replace("_", "")
_CHARACTER = rf"[^\s{_MARKS}{UNSPACED}]"
_DASH = "[-\u2010\u2011]"
_APOSTROPHE = "['’]"

#: Before a hyphen these make no word of their own.
_PREFIXES = (
    "agro ante anti arch bi bio co counter cyber de e eco ex extra inter intra macro mega micro mid mini multi "
    "neo non pan para peri post pre pro pseudo psycho quasi re semi sub super tele tri ultra un uni vice"
).split()
#: Abbreviations that keep their full stop, beside single letters and "U.S.".
_ABBREVIATIONS = (
    "Dr Mr Mrs Ms Prof St Ft Mt vs etc Inc Co Corp Ltd Bros No Nos Jr Sr Lt Gen Rev Gov Sen Sens Rep Reps Col Capt Sgt "
    "Maj Adm Cmdr Pres Hon Attn Blvd Ave Rd Vol Fig Figs Eq Eqs Ref Refs Sec al cf viz approx est dept Dept Univ ca "
    "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun Ph Assn Intl Govt "
    "Calif Mass Conn Pa Va Fla Tenn Ariz Colo Minn Wash"
).split()

_ADDRESS = r"(?:https?://|ftp://|www\.)[^\s<>\"”’]*[^\s<>\"”’.,;:!?)\]}']|mailto:\S+[^\s.,;:!?)\]>]"
_MAIL = r"[\w.+%/\-]{1,64}@[\w\-]+(?:\.[\w\-]+)*|@[A-Za-z_]\w*"
_ENDINGS = "com|org|net|edu|gov|mil|info|co\\.uk|ca|doc|xls|pdf|htm|html|jpg|gif|txt|zip|url"
_FILE = rf"[\w\-]{{1,64}}(?:\.[\w\-]{{1,64}}){{0,5}}?\.(?i:{_ENDINGS})\b"
_FACE = r"(?:[:;=]-?[)(DPp/\\|](?!\w)|\(:(?!\w)|<3)"
_DATE = r"(?![1-7]/[23468](?![\d/]))\d{1,4}/\d{1,2}(?:/\d{2,4})?(?![\d/])|\d{1,2}-\d{1,2}-\d{2,4}(?!\d)"
_PHONE = r"(?:\d-)?\d{3}-\d{3}-\d{4}(?!\d)|\d{3}-\d{4}(?!\d)"
_NUMBER = r"\d+(?:[.,:]\d+)*"
_INITIALS = rf"(?:[^\W\d_]\.){{2,}}(?:[^\W\d_](?!{_CHARACTER}))?"
_COMPANY = r"[A-Za-z]{1,2}&[A-Za-z]{1,2}(?![A-Za-z])"
_CHARACTERS = rf"{_CHARACTER}(?:{_CHARACTER}|_)*"
_PREFIXED = rf"(?<!\w)(?<!{_DASH})(?i:{'|'.join(_PREFIXES)}){_DASH}(?={_CHARACTER})"
_NAME = rf"(?:O|D|d|L|l|Qu|qu){_APOSTROPHE}(?=[^\W\d_][^\W\d_])"
_GLOTTAL = rf"(?:{_APOSTROPHE}(?!(?:s|m|d|ll|re|ve|S|M|D|LL|RE|VE)(?!{_CHARACTER})){_CHARACTER}+)?"
_CLITIC = rf"{_APOSTROPHE}(?i:s|m|d|ll|re|ve)(?!{_CHARACTER})"
_NOT = rf"(?i:n{_APOSTROPHE}t)(?!{_CHARACTER})"

#: The first that fits is the token.
_TOKEN = re.compile(
    "|".join(
        (
            _ADDRESS,
            _MAIL,
            rf"(?<![\w.]){_FILE}",  # example.com, notes.doc
            _FACE,
            rf"(?<![\w/\-]){_DATE}",
            rf"(?<![\w\-]){_PHONE}",
            _INITIALS,  # U.S.
            rf"(?<!{_CHARACTER})(?:{'|'.join(_ABBREVIATIONS)}|[A-Z])\.(?!\.)",
            _COMPANY,  # AT&T
            _NUMBER + rf"(?:{_CHARACTERS})?",  # 1,000.50, 21st
            _NOT,
            _CLITIC,
            rf"{_APOSTROPHE}\d\ds?(?!\d)",  # '90s
            rf"(?:{_PREFIXED})?(?:{_NAME})?{_CHARACTERS}{_GLOTTAL}",  # words
            r"[!?.]+",
            r"…+\.*",
            r"(?P<mark>[^\w\s'’\",:;]|_)(?P=mark)+",  # --, ***
            r"['’‘]['’]|``",
            r"\S",
        )
    )
)
#: Between white space; a longer chunk is cut, so that no pattern ever looks further.
_CHUNK = re.compile(r"\S{1,2000}")
#: Characters of a chunk whose tokens are remembered.
_REMEMBERED = 40
_ENDS_IN_NOT = re.compile(rf".+?(?=n{_APOSTROPHE}t$)", re.IGNORECASE | re.DOTALL)
_UNIT = re.compile(r"(\d[\d.,:]*)([ap]m|[AP]M|k|K|m|M|bn|mm|cm|km|kg|mg|ml|ft|lb|lbs|mph|hp|hrs|min|GB|MB|Hz|GHz|x)")
#: Words that are two: where the second begins.
_TWO = {"cannot": 3, "gonna": 3, "wanna": 3, "gotta": 3, "dont": 2, "didnt": 3, "doesnt": 4, "cant": 2, "wont": 2}
_KEEP_LAST_STOP = frozenset("Inc. Corp. Co. Ltd. Jr. Sr. U.S. U.K. U.N. D.C.".split())


def token_spans(text: str) -> list[tuple[int, int]]:
    """The ``(start, end)`` offsets of the tokens of one sentence, in order; white space belongs to none."""
    spans: list[tuple[int, int]] = []
    for match in _CHUNK.finditer(text):
        start = match.start()
        cut = _chunk_spans if match.end() - start <= _REMEMBERED else _chunk_spans.__wrapped__
        spans += [(start + first, start + last) for first, last in cut(match.group())]
    return _with_last_stop(text, spans)


@lru_cache(maxsize=50_000)
def _chunk_spans(chunk: str) -> tuple[tuple[int, int], ...]:
    """The tokens of what stands between two white spaces; most of it is one word, and most words come again."""
    if chunk.isalpha() and chunk.isascii() and chunk.lower() not in _TWO:
        return ((0, len(chunk)),)
    return tuple(span for match in _TOKEN.finditer(chunk) for span in _parts(match.group(), match.start()))


def _parts(piece: str, start: int) -> list[tuple[int, int]]:
    """One piece, or two where a clitic or a unit is written on."""
    end = start + len(piece)
    cut = _TWO.get(piece.lower(), 0)
    if not cut and piece[-1:] in "tT" and (stem := _ENDS_IN_NOT.match(piece)):
        cut = stem.end()
    if not cut and piece[0].isdigit() and (unit := _UNIT.fullmatch(piece)):
        cut = unit.end(1)
    return [(start, start + cut), (start + cut, end)] if cut else [(start, end)]


def _with_last_stop(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The full stop of an abbreviation that ends the sentence is a token, unless the abbreviation needs it."""
    if not spans:
        return spans
    start, end = spans[-1]
    last = text[start:end]
    if len(last) > 1 and last[-1] == "." and last[-2].isalpha() and last not in _KEEP_LAST_STOP:
        return [*spans[:-1], (start, end - 1), (end - 1, end)]
    return spans
