"""The telephone: answers, and has a human ring back."""
