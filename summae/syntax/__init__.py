"""Syntax: dependency trees of sentences, the parser that finds them, and what is made of them."""
