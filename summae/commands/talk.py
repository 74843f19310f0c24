"""What every command needs to take an argument and to say a line."""

from __future__ import annotations

import argparse
import sys


def say(line: str) -> None:
    """One line on standard error, whatever the message holds."""
    print(" ".join(line.split()), file=sys.stderr)


def word_count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of words from 1, got '{text}'")
    return int(text)
