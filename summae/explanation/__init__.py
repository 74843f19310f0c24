"""What a summary kept and lost: measured (``attribution``), and shown in a terminal or on a page."""
