"""What summae knows of English verbs: third persons, and past forms that no rule makes.

A closed class, like the function words in :mod:`summae.text.words`; which verbs are changed, and where, is learnt
(:mod:`summae.wording.tenses`).
"""

from __future__ import annotations

from collections.abc import Container

#: past form → third person, of irregular verbs
IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "became:becomes began:begins bore:bears bought:buys broke:breaks brought:brings built:builds came:comes "
        "chose:chooses clung:clings crept:creeps dealt:deals did:does drew:draws drove:drives fell:falls felt:feels "
        "fled:flees flew:flies forgot:forgets fought:fights found:finds froze:freezes gave:gives got:gets grew:grows "
        "heard:hears held:holds hid:hides hung:hangs kept:keeps knew:knows laid:lays led:leads left:leaves lent:lends "
        "lost:loses made:makes met:meets overtook:overtakes paid:pays ran:runs rang:rings rode:rides rose:rises "
        "said:says sang:sings sank:sinks saw:sees sent:sends shook:shakes shot:shoots shrank:shrinks slid:slides "
        "sold:sells sought:seeks spent:spends spoke:speaks stole:steals stood:stands struck:strikes stuck:sticks "
        "swept:sweeps swore:swears swung:swings taught:teaches thought:thinks threw:throws told:tells took:takes "
        "understood:understands undertook:undertakes upheld:upholds went:goes withdrew:withdraws woke:wakes won:wins "
        "wore:wears wrote:writes"
    ).split()
)
#: past participle → past form, where they differ
PARTICIPLES = dict(
    pair.split(":")
    for pair in (
        "begun:began borne:bore broken:broke chosen:chose drawn:drew driven:drove fallen:fell flown:flew "
        "forgotten:forgot frozen:froze given:gave gone:went grown:grew hidden:hid known:knew overtaken:overtook "
        "ridden:rode risen:rose seen:saw shaken:shook shrunk:shrank spoken:spoke stolen:stole sunk:sank sung:sang "
        "sworn:swore taken:took thrown:threw undertaken:undertook withdrawn:withdrew worn:wore written:wrote"
    ).split()
)


def third_person(base: str) -> str:
    """ "rise" → "rises", "carry" → "carries", "push" → "pushes"."""
    if base.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{base}es"
    if len(base) > 2 and base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ies"
    return f"{base}s"


def base_of(past: str, known: Container[str]) -> str | None:
    """The base form, one of the ``known`` words, of a past form; ``None`` when there is none."""
    if past in IRREGULAR:
        third = IRREGULAR[past]
        bases = [base for base in (third[:-1], third[:-2], f"{third[:-3]}y") if third_person(base) == third]
    elif past.endswith("ed") and len(past) > 4:
        bases = [past[:-1], past[:-2], f"{past[:-3]}y" if past.endswith("ied") else ""]
        bases += [past[:-3]] if len(past) > 5 and past[-3] == past[-4] else []
    else:
        return None
    return next((base for base in bases if base in known), None)


_PLURALS = frozenset("people men women children police".split())
_SINGULARS = frozenset("news series politics".split())


def is_plural(noun: str) -> bool:
    """By its ending, in lower case; of the exceptions, the common ones."""
    by_ending = noun.endswith("s") and not noun.endswith(("ss", "'s", "’s", "us", "is"))
    return noun in _PLURALS or (by_ending and noun not in _SINGULARS)
