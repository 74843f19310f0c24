"""Words, tokeniser, salience, sentences and reading; free of torch."""
