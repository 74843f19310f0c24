"""The critic that a finished model keeps: trained afresh, on what that model writes and on real short texts.

config.py   its options
drafts.py   what it is to tell from real texts: drafts by the finished model, written in advance
task.py     its batches, its loss, how it is validated
stage.py    the stage of a run, and the command that gives a finished checkpoint its critic
"""
