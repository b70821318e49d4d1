"""python -m project_package STEP: see kit/commands.py."""

import sys

from .kit.commands import main

sys.exit(main())
