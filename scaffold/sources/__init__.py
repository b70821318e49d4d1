"""Where templates come from, in which version, and whether their code may run."""
