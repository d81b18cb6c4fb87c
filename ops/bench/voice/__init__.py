"""The phone line under callers: `make bench-voice`."""
