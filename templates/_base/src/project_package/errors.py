"""The errors that the person running the project can put right."""


class ProjectError(Exception):
    """Shown as one message, without a traceback; the command line exits with 1."""


class NoSourceError(ProjectError):
    """None of the sources of the data answered."""


class ManifestError(ProjectError):
    """The data at hand are not the data that the manifest describes."""


class HoldOutError(ProjectError):
    """Somebody other than `evaluate` asked for the test set."""
