"""The adversarial stage: G, D and R learn from each other, without a single (document, summary) pair.

config.py     its options
batches.py    sources on one side, real short texts of other documents on the other
rollout.py    G draws summaries, and the models say what the rewards need to know
update.py     the losses of G, D and R on one batch: the algorithm, on one screen
task.py       the stage as the loop sees it; validation, and the best generator so far
"""
