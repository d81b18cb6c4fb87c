"""What a civil-affairs bureau asks, each figure defined once: pages and exports read the same."""
