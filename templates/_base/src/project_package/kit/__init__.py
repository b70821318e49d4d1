"""The workbench, the same in every project; see README.md beside this file."""
