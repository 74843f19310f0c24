"""ROUGE reports. Reading order: ``references`` (judged by what) → ``scores`` (the table) → ``comparison`` (of what)."""
