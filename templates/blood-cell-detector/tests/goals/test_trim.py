import numpy as np

from project_package import audio


def test_what_is_far_below_the_loudest_is_cut_off_at_both_ends() -> None:
    quiet, loud = np.full(1000, 10, np.int16), np.full(2000, 8000, np.int16)
    found = audio.trim(np.concatenate([quiet, loud, quiet, loud, quiet]), 40.0)
    assert len(found) == 5000, "what lies between stays"
    assert (found[:100] == 8000).all()
    assert len(audio.trim(loud, 40.0)) == 2000
    assert len(audio.trim(np.concatenate([quiet, loud]), 80.0)) == 3000
