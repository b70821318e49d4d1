"""See README.md: the question, the result and how to repeat it."""
