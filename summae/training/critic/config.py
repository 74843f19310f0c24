"""Options of the critic that a finished model keeps."""

from __future__ import annotations

from summae.options import Count, Options, Part, options
from summae.training.schedule import LoopConfig


@options
class CriticConfig(Options):
    loop: LoopConfig  # batch_size: drawn texts, and as many real ones
    sources: Count  # how many real sources the finished model summarises for it
    drafts: Count = 6  # drafts of each that it is shown, of all that the search has finished
    beams: Count = 4  # of that search
    embedding: Count = 128  # width
    hidden: Count = 256  # width of the LSTM
    layers: Count = 1
    dropout: Part = 0.3
    masked: Part = 0.15  # share of pieces hidden while it learns: drafts are not to be learnt by heart
    longest: Count = 64  # pieces of a text, end piece included
    held_out: Count = 2000  # pairs of a drawn and a real text that it is validated on, at most
    held_out_one_in: Count = 20  # one in so many texts is held out
    validate_every: Count = 200  # steps between validations
