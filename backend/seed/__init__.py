"""What a new database starts with: the base catalogue, and a made-up town to try it in."""
