"""Is the number valid? Static analysis that follows data through scripts and notebooks.

Nothing is run. `sources` reads a repository's Python, `library` knows what the usual libraries do,
`values` holds what is known of a variable, `trace` walks the statements in order and writes down
what happened to which rows, `faults` reads that story and names what is wrong with it.
"""
