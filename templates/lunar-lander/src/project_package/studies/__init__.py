"""Secondary questions, each with a `study` of what `evaluate` has measured."""
