import torch

from project_package import model

SIDE = 6


def test_a_square_of_each_image_is_blacked_out_where_chance_wants_it() -> None:
    pixels = torch.full((40, 28, 28), 9, dtype=torch.uint8)
    erased, again = (model.erase(pixels, SIDE, torch.Generator().manual_seed(1)) for _ in range(2))
    assert int(pixels.min()) == 9, "the images that came in stay as they are"
    assert erased.shape == pixels.shape
    assert erased.dtype == pixels.dtype
    assert torch.equal(erased, again), "the same seed hides the same parts"
    holes = erased == 0
    assert holes.flatten(1).sum(1).tolist() == [SIDE**2] * len(pixels)
    assert holes.any(2).sum(1).tolist() == holes.any(1).sum(1).tolist() == [SIDE] * len(pixels)
    assert len({tuple(hole.nonzero()[0].tolist()) for hole in holes}) > len(pixels) // 2
    assert torch.equal(model.erase(pixels, 0, torch.Generator()), pixels)
