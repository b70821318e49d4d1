"""A static portfolio page out of many projects: what each is, how it reads, where it goes."""
