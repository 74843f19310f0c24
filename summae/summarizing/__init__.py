"""The way of a text to its summary, in the order of the files: document → plan → propose → rank → assemble."""
