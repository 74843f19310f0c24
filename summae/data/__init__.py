"""Unpaired corpora and the warm-up examples made of them."""
