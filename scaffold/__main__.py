"""`python -m scaffold` is `scaffold`."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the current folder: what is looked at must not bring modules along

    from scaffold.cli import main

    main()
