"""Which sentences of a text could stand in a summary as they are: whole ones, that need nothing before them.

Headings, greetings, credits, table rows and signatures are no sentences. A sentence *leans* on the one before it when
it begins with a pronoun or a connective ("However, …"): it may follow that one, but not stand without it. What must not
be told but stands glued to a sentence (a dateline, a salutation) is left out of it.

The word lists are English; of other languages the marks and lengths decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from summae.summarizing.trimming import trimmed
from summae.text.words import budget_units, words

LEAST_WORDS = 4  # of what is told as a sentence …
COMFORTABLE_WORDS = 30  # … what is longer is told without its asides, if it has any …
MOST_WORDS = 50  # … and at most
MOST_CAPITALS = 0.6  # share of words in capitals above which a line is a heading or a shout
_ENDS = re.compile(r"[.!?…。！？؟।]['\"”’)»」』\]]*$")
#: "LONDON (Agency) - ", "Subject: Re: ", "Hi Ann, "
_PREFIX = re.compile(
    r"^(?:\((?i:please note|note|editor|warning|this story|this article)[^)]{0,120}\) )?"
    r"(?:[A-Z][A-Z.,'/ -]{2,40}(?:, [A-Z][a-z]{2,8}\.? \d{1,2})?(?: \([A-Z][\w ]{1,20}\))? [-–—]{1,2} "
    r"|Subject: (?:(?:Re|Fwd?|AW|WG|SV): )*"
    r"|(?:Hi|Hello|Hey|Dear|Good (?:morning|afternoon|evening|day))\b[^.!?,;:]{0,40}[,;:!–-]+ )+(?=\S)"
)
#: "Barry, Attached is …": a name before what begins a sentence.
_CALLED = re.compile(
    r"^[A-Z][a-z]+(?:(?:, |/| and )[A-Z][a-z]+)?[,:;-]+ "
    r"(?=(?:Attached|Enclosed|Here|I|I['’]\w+|We|You|Your|Please|The|This|These|There|It|If|In|As|At|Can|Could|Do|Did|Does"
    r"|Have|Has|How|Just|Let|My|Not|On|Our|Per|Thanks|Thank|To|What|When|Where|Will|Would|Should|Are|Is|After|Any|Based"
    r"|For|Following|Great|Good|Sorry|With)\b)"
)
#: What a writer says for form's sake; it is nobody's point.
_FORM = re.compile(
    r"^(?:please )?(?:let me know\b|feel free\b|(?:call|contact|e-?mail|write to|ask|see) (?:me|us|him|her|them)\b"
    r"|do(?: not|n['’]t) hesitate\b|thank|thanks\b|many thanks\b|hope (?:this|you|all)\b|i hope (?:this|you|all)\b"
    r"|(?:call|contact)\b.*\bquestions\b|if you have any (?:further |other )?questions\b|look(?:ing)? forward\b)",
    re.IGNORECASE,
)
#: "(RDSa.L)", ".SPX", "EKDKQ.PK": what newswires put behind a company's name.
_TICKER = re.compile(
    r" \( ?[A-Z0-9]{1,6}[a-z]{0,2}\.[A-Z]{1,2} ?\)| \.[A-Z]{2,6}\d{0,3}\b>?"
    r"|(?<=[\w.]) [A-Z0-9]{2,6}[a-z]?\.(?:AS|AX|BO|BR|CO|DE|HE|HK|KS|MC|MI|NS|OB|OL|OQ|PA|PK|SA|SI|SS|ST|TO|TW|UL|VX|WA"
    r"|[FLNOST])\b"
)
_CREDIT = re.compile(
    r"^\(?(?:(?:Additional )?(?:reporting|writing|editing)|compiled|edited|reported|written|translated) by\b"
    r"|^(?:copyright|all rights reserved|subscribe|click here|read more|see (?:also|our)|follow us|sign up"
    r"|source:|photo:|image:|note to editors|editor['’]s note|for (?:more|further) (?:information|details)"
    r"|please (?:see|visit|contact)|(?:below|following|here) (?:are|is)|\d{1,2}[.)] "
    r"|this (?:post|article|story|page) (?:was|is|first|originally))\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:thanks|thank you|many thanks|regards|(?:best|kind|warm)(?: regards| wishes)?|sincerely|yours|cheers|love)\b"
    r"[^a-z]*(?:$|\W+\w+\W*$)",
    re.IGNORECASE,
)
_NO_PROSE = re.compile(
    r"https?://|www\.|\S@\S+\.\w|\||(?:^|\s)[*•·>#=_~]+(?:\s|$)|&#?\w+;"
    r"|\b[A-Z]{3,}[\s,/]+(?:OF |& )?[A-Z]{4,}\b|^[A-Z][A-Z\s/]{3,}:"  # labels: "KEY POINTS", "JOHN SMITH, ANALYST:"
    r"|^[\"“'‘] |[\"”'’]\.\w"  # a quotation torn apart
    # cut at an abbreviation
    r"|^(?:Inc|Corp|Co|Ltd|Plc|LLC|AG|SA|NV)\b\.?|\b(?:Sal|Gen|Sen|Rep|Gov|Dr|Mr|Ms|Mrs|St|No)\.$"
)
_LEANING = re.compile(
    r"^[\"“'‘(]*(?:(?:he|she|they|it|this|that|these|those|his|her|their|its|such|both|others?|another|neither|either"
    r"|there(?!'?s\b| (?:is|are|was|were|will)\b)|one|some|many|most)\b"
    r"|(?:but|and|or|so|also|yet|nor|then|still|however|moreover|furthermore|meanwhile|therefore|thus|hence|instead"
    r"|nevertheless|nonetheless|besides|additionally|likewise|similarly|otherwise|consequently|accordingly|separately"
    r"|in addition|in contrast|by contrast|in fact|in turn|in other words|for (?:example|instance)|as a result"
    r"|on the (?:other hand|contrary)|at the same time|that (?:said|is)|to (?:that|this) end|even so|after that"
    r"|of (?:these|those|this|that|them)|among (?:them|these|those)|because of (?:this|that)"
    r"|the (?:latter|former|same|first|second|third))\b)",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)
#: A capital that does not begin a sentence or a quotation, or two running: somebody is named.
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z]\w+|\b[A-Z]\w+ (?:[a-z]{2,3} )?[A-Z]\w+|^[A-Z]\w+ said\b|\bsaid [A-Z]")
_DATE = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
_OPENING_QUOTES, _CLOSING_QUOTES = '"“«„「', '"”»“」'
_QUOTES = {"“": "”", "«": "»", "„": "“", "「": "」"}


@dataclass(frozen=True)
class SourceSentence:
    """A sentence of a text, as it may be told."""

    wordings: list[str]  # the whole of it, or without asides; preferred first
    leans: bool  # on the sentence before it
    place: int  # among the windows of its document


def told(raw: str) -> str:
    """``raw`` without a dateline or a salutation in front and without codes of shares, white space folded."""
    text = _TICKER.sub("", " ".join(raw.split()))
    bare = _CALLED.sub("", _PREFIX.sub("", text))
    return bare[:1].upper() + bare[1:] if bare != text else text


def wordings(text: str) -> list[str]:
    """``text``, if it is short enough, and its shortenings that end as it does, to the last word and its mark:
    preferred first. Of a long one without asides, all of it.
    """
    length = len(budget_units(text))
    found = [text] if length <= COMFORTABLE_WORDS else []
    last, mark = words(text)[-1:], _ENDS.search(text)
    for each in trimmed(text, COMFORTABLE_WORDS) if mark else []:
        whole = f"{each.rstrip(mark.group())}{mark.group()}"  # type: ignore[union-attr]
        if words(each)[-1:] == last and len(budget_units(whole)) <= COMFORTABLE_WORDS:
            found.append(whole)
    return list(dict.fromkeys(found)) or ([text] if length <= MOST_WORDS else [])


def is_sentence(text: str) -> bool:
    """Whether ``text`` ends as a sentence does, and is none of what stands between sentences."""
    found = words(text)
    if len(budget_units(text)) < LEAST_WORDS or not _ENDS.search(text) or _CREDIT.search(text) or _CLOSING.search(text):
        return False
    letters = [word for word in found if word[:1].isalpha()]
    capitals = sum(word.isupper() and len(word) > 1 for word in letters)
    return bool(letters) and capitals <= MOST_CAPITALS * len(letters) and _balanced(text) and not _NO_PROSE.search(text)


#: What authors say of their own text, and its verb.
_STATED = re.compile(
    r"\b(?:we|i|(?:this|the|our) (?:present )?(?:paper|article|work|study|thesis|report|note|letter|results?)) "
    r"(?:also |then |here |thus |therefore |have |has )?(?:show|find|found|conclude|propose|present|prove|demonstrate"
    r"|introduce|report|describe|develop|argue|suggest|recommend|observe|establish|investigate|study|examine|explore)"
    r"\w*\b|\bit (?:is|was) (?:shown|found|concluded|proved|proven|demonstrated|recommended) that\b",
    re.IGNORECASE,
)


def is_stated(text: str) -> bool:
    """Whether the text's authors say in it what they present or have found."""
    return bool(_STATED.search(text))


def is_form(text: str) -> bool:
    """Whether ``text`` is said for form's sake: "Let me know if you have any questions"."""
    return bool(_FORM.search(text))


def leans(text: str) -> bool:
    """Whether ``text`` begins with what only the sentence before explains, is a quotation without its speaker, or
    speaks of somebody it has not named.
    """
    if _LEANING.search(text) or (text[:1] in _OPENING_QUOTES and text[-1] in _CLOSING_QUOTES):
        return True
    person = _PERSON.search(text)
    return bool(person) and not _NAME.search(_DATE.sub("then", text[: person.start()]))  # type: ignore[union-attr]


def _balanced(text: str) -> bool:
    """No quotation or bracket that begins or ends elsewhere."""
    pairs = [*_QUOTES.items(), ("(", ")"), ("[", "]")]
    return text.count('"') % 2 == 0 and all(text.count(a) == text.count(b) for a, b in pairs)
