"""The sentence encoder: multilingual-e5-small, its upper layers taught our own sentences."""
