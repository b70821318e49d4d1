"""The files as they are published, before anything is chosen."""
