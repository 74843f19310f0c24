"""From step-by-step distributions to finished candidates: beam search under rules about words. numpy only.

Reading order: ``drafts`` (what a run of pieces spells) → ``lexicon`` and ``rules`` (what may be said) →
``search`` → ``rerank`` (which finished candidate is the best); ``trimming`` (shortenings without a search).
Nothing here knows a network, a tokeniser or a language: pieces arrive as bytes, words as functions.
"""
