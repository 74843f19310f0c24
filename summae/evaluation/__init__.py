"""Reports of how good summaries are."""
