"""Files, folders, standard input and addresses to texts; free of torch."""
