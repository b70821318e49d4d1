"""What is watched of the service: the score alone, unless a project says more."""

from .kit.served import Watch

WATCH = Watch()
