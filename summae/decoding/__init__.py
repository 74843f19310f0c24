"""From step-by-step distributions to finished hypotheses: beam search under rules about words. numpy only.

Reading order: ``drafts`` (what a run of pieces spells) → ``lexicon`` and ``rules`` (what may be said) → ``search``.
Nothing here knows a network or a tokeniser: pieces arrive as bytes. What a word is, :mod:`summae.text.words` says.
"""
