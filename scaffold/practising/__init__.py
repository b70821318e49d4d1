"""Functions left to the author: which they are, and whether they are right."""
