"""Language, for everybody: words, sentences, windows, finishing, tokeniser, salience; free of torch.

Reading order: ``words`` → ``sentences`` → ``windows`` → ``finishing``; ``tokenizer`` (``borrowed``) → ``salience``
(``stems``) → ``encoding``.
"""
