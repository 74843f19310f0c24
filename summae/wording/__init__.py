"""How short texts word what sources say: abbreviations, tenses, and the table they are kept in; free of torch."""
