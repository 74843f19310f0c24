"""ROUGE for finished summaries, or for a model and the baselines on a data set: ``summae evaluate`` as a script.

    evaluate_rouge.py --hypotheses H.txt --references R.txt [--sources S.txt]
    evaluate_rouge.py DATA.jsonl --model DIR --words 8 10 --baselines lead ratio_filter lexrank

The table goes to stdout, everything else to stderr. All the work is in ``summae.evaluation.comparison``.
"""

import sys

from summae.cli import evaluate_main as main

if __name__ == "__main__":
    sys.exit(main())
