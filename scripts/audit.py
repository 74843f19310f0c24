#!/usr/bin/env python3
"""Audits a model's summaries with judges that had no part in its training; they are trained here, --minutes at most.

    audit.py [--model DIR] [--words 8] [--limit N]         summarises news-en/test.jsonl and judges that
    audit.py --hypotheses FILE --sources FILE              judges finished summaries, one per line

1. Readability by an n-gram model of headlines: perplexity per word of ours and of real short texts of the same
   lengths, all in lower case and without final marks. Target: at most 1.3 times theirs.
2. Readability by a critic that learns ours from real ones, likewise normalised, on 80 % and is asked about 20 %.
   Target: right in at most 70 %; a coin has 50.
   Both are told twice. References of the sources' own years (--real) are the fairer yardstick, but those of the test
   tell of the very events that ours do; held-out headlines are many, but of other years, so that names alone give
   ours away: that figure errs against us. By how much, the control tells: references against such headlines.
3. Faithfulness by a reconstructor that learns (summary → source) on half of the pairs: does it find the right source
   of the other half's summaries? Target: at least 95 %. Among all others only with --exact; else among the nearest by
   word overlap and some at random, which can only flatter. Beside it, the same by word overlap alone.
4. Faithfulness by rule: summaries that name what the source does not (target: at most 1 %), that begin with its first
   four words; words that it does not have.

What the language judge reads: every other line of --headlines, by a hash of the line; the other half serves as real
texts. By default these lines were short texts of the model's own training too: there are no others of this kind. The
judge shares that reading with the model, but no weight and no tokeniser. Lines that --config left out of the
training (``every`` in its data) are used instead if there are any; the output says which was the case.

The table goes to stdout; --out gets it as audit.md and audit.json, and keeps the summaries for the next time, until
model, code or options change.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from summae.errors import InputError, SummaeError
from summae.evaluation.references import read_dataset, read_lines
from summae.files import write_atomically
from summae.metrics.bootstrap import Interval
from summae.metrics.copying import novel_share, starts_alike
from summae.metrics.faithful import unsupported
from summae.metrics.proportion import share
from summae.text.finishing import normalize_for_critic
from summae.training.config import RunConfig
from summae.training.yaml_tree import read_tree

ROOT = Path(__file__).resolve().parent.parent
CANDIDATES = 1000
FEWEST = 20  # texts that a judge can judge by


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One row of the table."""

    question: str
    figure: Interval  # share in [0, 1], or a ratio
    count: int  # of texts judged
    target: float | None = None
    at_least: bool = False  # rather than at most
    detail: str = ""
    ratio: bool = False  # rather than a share

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.figure.mean >= self.target if self.at_least else self.figure.mean <= self.target

    def row(self) -> str:
        shown = "{:.2f}".format if self.ratio else "{:.1%}".format
        figure = f"{shown(self.figure.mean)} [{shown(self.figure.low)}, {shown(self.figure.high)}]"
        target = "–" if self.target is None else f"{'≥' if self.at_least else '≤'} {shown(self.target)}"
        met = {None: "–", True: "yes", False: "**no**"}[self.met]
        return f"| {self.question} | {figure} | {target} | {met} | {self.count:,} | {self.detail} |"


HEADER = "| question | figure [95 %] | target | met | n | detail |\n|---|---|---|---|---|---|"


def note(message: str) -> None:
    print(f"audit: {message}", file=sys.stderr, flush=True)


# -- what is judged ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Texts:
    sources: list[str]
    summaries: list[str]  # ours, of these sources
    for_judge: list[str]  # headlines that the language judge reads, normalised
    held_out: list[str]  # the other half of them
    real: list[str]  # references, normalised
    caveat: str
    abbreviated: list[list[str]]  # of every source: abbreviations of what it names, by the model's table


def gathered(args: argparse.Namespace) -> Texts:
    sources, summaries = outputs(args)
    config = read_tree(RunConfig, args.config)
    corpora = config.data.corpora.values()
    corpus = next((each for each in corpora if any(is_file(args.headlines, f.path) for f in each.short_texts)), None)
    prefix = corpus.strip_prefix if corpus else None

    def cleaned(texts: Iterable[str]) -> list[str]:
        from summae.data.corpora import clean_short_texts

        return list(dict.fromkeys(map(normalize_for_critic, clean_short_texts(texts, config.data.short_words, prefix))))

    lines, caveat = unread(args, config)
    real = cleaned(text for path in args.real for each in read_dataset(path) for text in each.references[:1])
    headlines = [text for text in cleaned(lines) if text not in set(real)]
    halves: tuple[list[str], list[str]] = ([], [])
    for text in headlines:
        halves[zlib.crc32(text.encode()) % 2].append(text)
    texts = Texts(
        sources=sources,
        summaries=summaries,
        for_judge=halves[0],
        held_out=halves[1],
        real=real,
        caveat=caveat,
        abbreviated=abbreviations(args, sources),
    )
    for name in ("summaries", "for_judge", "held_out", "real"):
        if (count := len(getattr(texts, name))) < FEWEST:
            raise InputError(f"there must be at least {FEWEST} texts of '{name}' to audit by, got {count}")
    return texts


def abbreviations(args: argparse.Namespace, sources: list[str]) -> list[list[str]]:
    """What the model may have written for phrases of the sources; nothing is known of summaries from a file."""
    from summae.model.checkpoint import open_checkpoint

    if args.hypotheses:
        return [[] for _ in sources]
    checkpoint = open_checkpoint(args.model)
    return [[short for short, _ in checkpoint.wording_of(text).standing_for(text)] for text in sources]


def is_file(path: Path, name: str) -> bool:
    """Whether a configuration's ``name`` is the end of ``path``."""
    return path.as_posix().endswith(f"/{name}")


def unread(args: argparse.Namespace, config: RunConfig) -> tuple[list[str], str]:
    """The lines of --headlines that the configuration leaves out of the training; all when it leaves out none."""
    from summae.data.corpora import read_texts

    files = [file for corpus in config.data.corpora.values() for file in corpus.short_texts]
    files = [file for file in files if is_file(args.headlines, file.path)]
    every = math.lcm(*(file.every for file in files))
    free = [offset for offset in range(every) if all(offset % file.every != file.offset for file in files)]
    if not free:
        caveat = f"by {args.config.name} every line of {args.headlines.name} was read in the model's training too"
        return read_texts(args.headlines), caveat
    lines = [text for offset in free for text in read_texts(args.headlines, every=every, offset=offset)]
    return lines, f"the lines of {args.headlines.name} used here were no part of a training by {args.config.name}"


def outputs(args: argparse.Namespace) -> tuple[list[str], list[str]]:
    """(sources, summaries): from the files given, or made by the model."""
    if args.hypotheses:
        sources, summaries = read_lines(args.sources), read_lines(args.hypotheses)
        if len(sources) != len(summaries):
            wanted = f"{len(summaries)} lines as {args.hypotheses} has"
            raise InputError(f"{args.sources}: must have {wanted}, got {len(sources)}")
        return sources[: args.limit], summaries[: args.limit]
    sources = [" ".join(each.text.split()) for each in read_dataset(args.data / "news-en/test.jsonl", args.limit)]
    return sources, summarised(args, sources)


def summarised(args: argparse.Namespace, sources: list[str]) -> list[str]:
    """What the model makes of the sources, kept in --out."""
    from summae.model.checkpoint import open_checkpoint
    from summae.summarizing.summarizer import Summarizer

    checkpoint = open_checkpoint(args.model)
    code = sorted((ROOT / "summae").rglob("*.py"))
    digest = hashlib.sha256(repr((sources, args.words)).encode())
    for path in [*code, *(checkpoint.path / name for name in sorted(checkpoint.manifest.files))]:
        digest.update(path.read_bytes())
    store = args.out / "summaries.json"
    kept = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    if kept.get("of") == digest.hexdigest():
        note(f"summaries taken from {store}")
        return kept["summaries"]
    note(f"summarising {len(sources)} texts")
    found = [each.text for each in Summarizer.load(args.model).summarize(sources, args.words)]
    write_atomically(store, json.dumps({"of": digest.hexdigest(), "summaries": found}, ensure_ascii=False, indent=0))
    return found


# -- the judges ----------------------------------------------------------------------------------------------


def readability(args: argparse.Namespace, texts: Texts, judge) -> list[Finding]:
    """Perplexity, then critic: ours against either kind of real text, and the two kinds against each other."""
    ours = [normalize_for_critic(text) for text in texts.summaries]
    compared = [
        compare(args, judge, "ours", ours, "references", texts.real),
        compare(args, judge, "ours", ours, "held-out headlines", texts.held_out),
        compare(args, judge, "references", texts.real[: len(ours)], "held-out headlines", texts.held_out),
    ]
    return [row for rows in zip(*compared, strict=True) for row in rows]


def compare(
    args: argparse.Namespace, judge, name: str, ours: list[str], other: str, real: list[str]
) -> tuple[Finding, Finding]:
    """Perplexity and critic on pairs of equally long texts; only ours have a target to meet."""
    from audit_judges import critic_accuracy, matched, perplexity_ratio

    pairs = matched(ours, real, args.seed)
    if len(pairs) < FEWEST:
        raise InputError(f"there must be at least {FEWEST} {other} as long as {name}, got {len(pairs)}")
    mine, theirs, ratio = perplexity_ratio(pairs, judge.log_probs)
    note(f"training the critic on {len(pairs)} {name} and as many {other}")
    right, asked = critic_accuracy(pairs, judge, minutes=args.minutes, seed=args.seed)
    control = "" if name == "ours" else "control: "
    surprise = Finding(
        question=f"{control}perplexity, {name} / {other}",
        figure=ratio,
        count=len(pairs),
        target=None if control else 1.3,
        detail=f"{mine:.0f} and {theirs:.0f} per word",
        ratio=True,
    )
    told_apart = Finding(
        question=f"{control}critic tells {name} from {other}",
        figure=share(right, asked),
        count=asked,
        target=None if control else 0.7,
        detail=f"trained on {2 * len(pairs) - asked:,}",
    )
    return surprise, told_apart


def retrieval(args: argparse.Namespace, texts: Texts, judge) -> list[Finding]:
    """Which source a summary is of, by a reconstructor and by word overlap."""
    import numpy as np
    from audit_judges import ReconstructionJudge, candidates, first, overlap, retrieved

    sources, summaries = ([normalize_for_critic(text) for text in side] for side in (texts.sources, texts.summaries))
    places = np.random.default_rng(args.seed).permutation(len(sources))
    asked, learnt = places[: min(len(places) // 2, CANDIDATES)], places[min(len(places) // 2, CANDIDATES) :]
    pairs = [(sources[place], summaries[place]) for place in learnt]
    note(f"training the reconstructor on {len(pairs)} pairs")
    reader = ReconstructionJudge.trained(pairs, judge.tokenizer, minutes=args.minutes, seed=args.seed)
    theirs, ours = [sources[place] for place in asked], [summaries[place] for place in asked]
    similarity = overlap(ours, theirs)
    choices = candidates(similarity, len(asked) if args.exact else args.nearest, args.others, args.seed)
    note(f"finding the sources of {len(asked)} summaries among {len(choices[0])} candidates each")
    found = retrieved(ours, theirs, choices, reader.likelihood, minutes=math.inf if args.exact else args.minutes)
    by_words = [first(row, own) for own, row in enumerate(similarity)]
    among = f"among {len(choices[0])} of {len(asked):,}"
    if len(choices[0]) < len(asked):
        among += f": own, {args.nearest} nearest by words, {len(choices[0]) - 1 - args.nearest} random"
    common = {"target": 0.95, "at_least": True}
    return [
        finding("source found by a reconstructor", found, detail=f"{among}; trained on {len(pairs):,} pairs", **common),
        finding("source found by word overlap", by_words, detail=f"among {len(asked):,}", **common),
    ]


def rules(texts: Texts) -> list[Finding]:
    """What can be counted without a judge."""
    pairs = list(zip(texts.summaries, texts.sources, strict=True))
    named = [bool(unsupported(*pair)) for pair in pairs]
    strict = [bool(unsupported(*pair, initial=True)) for pair in pairs]
    told = [bool(unsupported(*pair, known)) for pair, known in zip(pairs, texts.abbreviated, strict=True)]
    return [
        finding("names or numbers the source lacks", told, target=0.01, detail="abbreviations of what it names aside"),
        finding("the same, abbreviations counted as names it lacks", named, target=0.01),
        finding("the same, a capital at the beginning taken for a name", strict, target=0.01),
        finding("begins with the source's first four words", [starts_alike(*pair) for pair in pairs]),
        finding("has a word the source lacks", [novel_share(*pair) > 0 for pair in pairs]),
    ]


def finding(question: str, hits: Sequence[bool], **fields) -> Finding:
    return Finding(question=question, figure=share(sum(hits), len(hits)), count=len(hits), **fields)


# -- the entry point ---------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--model", metavar="DIR", help="default: the embedded model")
    made.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", metavar="DIR")
    made.add_argument("--hypotheses", type=Path, metavar="FILE", help="finished summaries, one per line")
    made.add_argument("--sources", type=Path, metavar="FILE", help="what they summarise, one per line")
    made.add_argument("--words", type=int, default=8, help="budget of the model's summaries (8)")
    made.add_argument("--limit", type=int, metavar="N", help="the first texts only")
    made.add_argument("--headlines", type=Path, metavar="FILE", help="default: news-en/headlines.txt.xz in --data")
    made.add_argument(
        "--real", type=Path, nargs="+", metavar="JSONL", help="default: news-en/valid.jsonl and test.jsonl in --data"
    )
    made.add_argument("--config", type=Path, default=ROOT / "configs" / "small.yaml", help="of the model's training")
    made.add_argument("--minutes", type=float, default=4.0, metavar="M", help="to train a judge, and to retrieve (4)")
    made.add_argument("--pieces", type=int, default=8000, help="vocabulary of the judges (8000)")
    made.add_argument("--nearest", type=int, default=49, help="candidate sources by word overlap (49)")
    made.add_argument("--others", type=int, default=50, help="candidate sources at random (50)")
    made.add_argument("--exact", action="store_true", help="all sources are candidates: hours")
    made.add_argument("--seed", type=int, default=2718, help="of judges and draws (2718)")
    made.add_argument("--out", type=Path, default=Path("runs/audit"), metavar="DIR", help="default: runs/audit")
    return made


def page(args: argparse.Namespace, texts: Texts, findings: Sequence[Finding]) -> str:
    """The table, and how it came about."""
    judged = args.hypotheses or f"{args.model or 'the embedded model'} at {args.words} words"
    judges = (
        f"{judged}; {len(texts.summaries):,} texts; language judge: {len(texts.for_judge):,} headlines, "
        f"{args.pieces} pieces; {args.minutes:g} minutes a judge; seed {args.seed}; {texts.caveat}."
    )
    return "\n".join([HEADER, *(each.row() for each in findings), "", judges, ""])


def audit(args: argparse.Namespace) -> str:
    from audit_judges import LanguageJudge

    texts = gathered(args)
    note(f"counting {len(texts.for_judge):,} headlines for the language judge")
    judge = LanguageJudge.trained(texts.for_judge, pieces=args.pieces)
    findings = [*readability(args, texts, judge), *retrieval(args, texts, judge), *rules(texts)]
    text = page(args, texts, findings)
    write_atomically(args.out / "audit.md", text)
    rows = [asdict(each) | {"met": each.met} for each in findings]
    options = {name: str(value) for name, value in vars(args).items()}
    content = {"options": options, "caveat": texts.caveat, "findings": rows}
    write_atomically(args.out / "audit.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return text


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    if bool(args.hypotheses) != bool(args.sources):
        parser().error("--hypotheses and --sources go together")
    args.headlines = args.headlines or args.data / "news-en/headlines.txt.xz"
    args.real = args.real or [args.data / f"news-en/{name}.jsonl" for name in ("valid", "test")]
    try:
        print(audit(args))
    except SummaeError as error:
        print(f"audit.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
