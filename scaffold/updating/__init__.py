"""Bringing a project to a newer template: thought through in git's objects, then landed."""
