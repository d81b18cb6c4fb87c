"""The sentences: what the classifier learns from, and what the understanding is measured on."""
