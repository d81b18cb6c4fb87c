"""`make bench-asr`: how well the line hears, and what hearing costs."""
