"""One decorator for all compiled code, and a cache that no edit leaves stale.

Numba renews a cached function when its own file changes, but not when a function that it calls,
in another file, does. So the cache lies in a folder named after the content of all those files.
"""

import hashlib
from pathlib import Path

import numba

HERE = Path(__file__).parents[1]
NAME_LENGTH = 12
COMPILED = (
    "engine/rules.py",
    "engine/search.py",
    "engine/solver.py",
    "engine/tactics.py",
    "model.py",
    "selfplay.py",
)


def cache_folder() -> Path:
    """Where this version of the compiled code is kept between runs."""
    content = b"".join((HERE / name).read_bytes() for name in COMPILED)
    return HERE / "__pycache__" / f"numba-{hashlib.sha256(content).hexdigest()[:NAME_LENGTH]}"


numba.config.CACHE_DIR = str(cache_folder())
compiled = numba.njit(cache=True, nogil=True)
