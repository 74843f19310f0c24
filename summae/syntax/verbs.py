"""The present form of a past tense, by number of the subject."""

from __future__ import annotations

from collections.abc import Container

from summae.wording.english import IRREGULAR, PARTICIPLES, third_person

#: Past forms that are the present form too, or more than one verb's.
_UNCHANGED = {
    form: form
    for form in "cut hit put set let bet cost hurt quit shut split spread cast shed rid burst bid read beat "
    "upset thrust broadcast forecast".split()
}
_IRREGULAR = IRREGULAR | {
    "had": "has", "did": "does", "lit": "lights", "bent": "bends", "bound": "binds", "bred": "breeds", "dug": "digs",
    "ate": "eats", "fed": "feeds", "forbade": "forbids", "forgave": "forgives", "blew": "blows", "caught": "catches",
    "hurt": "hurts", "leapt": "leaps", "meant": "means", "outdid": "outdoes", "oversaw": "oversees", "slid": "slides",
    "slept": "sleeps", "spun": "spins", "sprang": "springs", "stung": "stings", "swam": "swims", "threw": "throws",
    "tore": "tears", "underwent": "undergoes", "withheld": "withholds", "withstood": "withstands", "pled": "pleads",
    "knelt": "kneels", "spelt": "spells", "lent": "lends", "undid": "undoes", "overthrew": "overthrows",
    "rebuilt": "rebuilds", "resold": "resells", "retook": "retakes", "mistook": "mistakes", "outsold": "outsells",
    "foresaw": "foresees", "wound": "winds", "shone": "shines", "strove": "strives", "spent": "spends",
}  # fmt: skip
_PARTICIPLES = PARTICIPLES | {
    "become": "became", "come": "came", "run": "ran", "overcome": "overcame", "done": "did", "eaten": "ate",
    "blown": "blew", "torn": "tore", "undergone": "underwent", "overseen": "oversaw", "proven": "proved",
    "shown": "showed", "beaten": "beat", "forbidden": "forbade", "thrown": "threw", "overthrown": "overthrew",
    "retaken": "retook", "mistaken": "mistook", "foreseen": "foresaw", "gotten": "got",
}  # fmt: skip


def present_form(past: str, plural: bool, known: Container[str]) -> str | None:
    """ "fell", "has fallen" → "falls", "fall" for a plural; ``None`` when the base form is not sure."""
    word = past.lower()
    base = _base(_PARTICIPLES.get(word, word), known)
    if base is None:
        return None
    if base in ("have", "do"):
        return base if plural else {"have": "has", "do": "does"}[base]
    return base if plural else third_person(base)


def _base(past: str, known: Container[str]) -> str | None:
    if past in _UNCHANGED:
        return past
    if past == "had":
        return "have"
    if past in _IRREGULAR:
        return _without_ending(_IRREGULAR[past])
    return _regular_base(past, known)


def _regular_base(past: str, known: Container[str]) -> str | None:
    """Of the words that "-ed" may come from, the known one; of two, the one that spelling prefers."""
    if not past.endswith("ed") or len(past) < 5:
        return None
    stem = past[:-2]
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    doubled = stem[:-1] if stem[-1] == stem[-2] and stem[-1] not in "lsz" else ""
    found = [base for base in (stem, f"{stem}e", doubled, stem[:-1] if stem.endswith("ll") else "") if base in known]
    inflected = [base for base in found if third_person(base) in known]  # "opens" is a word, "openes" is none
    found = inflected or found
    if len(found) > 1 and f"{stem}e" in found:
        return stem if _ends_whole(stem) else f"{stem}e"
    return found[0] if found else None


def _ends_whole(stem: str) -> bool:
    """Two consonants, or two vowels and one, end a stem that needs no "e": "post", "fail"; not "serv", "chang"."""
    if stem.endswith(
        ("rg", "nc", "ng", "dg", "lv", "rv", "ls", "ns", "rs", "ps", "th", "bl", "tl", "gu", "eas", "ais", "eav")
    ):
        return False
    last, before, third = stem[-1], stem[-2], stem[-3:-2]
    return before not in "aeiou" or (third in "aeiou" and last not in "vzsc")


def _without_ending(third: str) -> str:
    """ "goes" → "go", "catches" → "catch", "flies" → "fly", "chooses" → "choose"."""
    if third.endswith("ies"):
        return f"{third[:-3]}y"
    return third[:-2] if third.endswith(("oes", "ches", "shes", "sses", "xes")) else third[:-1]


def verb_base(form: str) -> str | None:
    """The base of an irregular past form or participle: "bought" → "buy"; ``None`` of any other word."""
    past = _PARTICIPLES.get(form, form)
    if past == "had":
        return "have"
    return _without_ending(_IRREGULAR[past]) if past in _IRREGULAR else None
