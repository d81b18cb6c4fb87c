"""Rules of home care without I/O: plain functions and dataclasses; time is an argument."""
