"""For those who write templates: a beginning that runs, everything asked of one, a look at it."""
