"""The tables and figures of each cuaderno: results on one side, what a reader sees on the other."""
