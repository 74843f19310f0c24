"""How an explanation looks: as a heat map in the terminal, and as a page for the browser."""
