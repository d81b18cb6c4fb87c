"""One call: what happens in it (events), what to do then (machine), and who does it (shell)."""
