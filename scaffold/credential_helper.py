"""What git runs to get a credential: asks the program that lends one, and prints its answer.

Speaks git's credential protocol (`git help credential`) on standard input and output. Standard
library only: git starts it with an isolated interpreter.
"""

import os
import sys
from multiprocessing.connection import Client

ADDRESS = "SCAFFOLD_CREDENTIAL_ADDRESS"
KEY = "SCAFFOLD_CREDENTIAL_KEY"


def main() -> None:
    """Answer `get`; git also says `store` and `erase`, which concern nobody here."""
    asked = dict(line.strip().split("=", 1) for line in sys.stdin if "=" in line)
    if sys.argv[1:] != ["get"]:
        return
    with Client(os.environ[ADDRESS], authkey=bytes.fromhex(os.environ[KEY])) as lender:
        lender.send((asked.get("protocol", ""), asked.get("host", "")))
        for key, value in lender.recv().items():
            sys.stdout.write(f"{key}={value}\n")


if __name__ == "__main__":
    main()
