"""The shared backend: rules (domain), use cases (services), tables (db), later work (jobs).

It knows no channel: what people are to be told is written as notices, which channels deliver.
"""
