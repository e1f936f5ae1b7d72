"""Exchange of corpora with other programs: REFI-QDA, Taguette and spreadsheets."""
