"""Carrying out a project's steps: its environment, its programs, what may be skipped."""
