"""One short story a verb: no parsing, no printing; returns what happened."""
