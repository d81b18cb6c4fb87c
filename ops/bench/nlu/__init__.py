"""`make bench-nlu`: how well the whole understanding understands, and what each part is worth."""
