"""The way from a picture file to what the network sees."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from project_package import data, photograph
from project_package.kit.workspace import Workspace
from project_package.photograph import MOST_PIXELS, SIDE, PictureError, prepare
from project_package.studies.photographs import as_photograph


def encode(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def sheet(ground: object, garment: object, box: tuple[int, int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (300, 200), ground)
    ImageDraw.Draw(picture).rectangle(box, fill=garment)
    return picture


@pytest.mark.parametrize(
    ("ground", "garment"), [("white", "black"), ("black", "white"), ("green", "red")]
)
def test_the_garment_is_white_on_black_and_fills_the_longest_edge(ground, garment) -> None:
    pixels = prepare(encode(sheet(ground, garment, (100, 30, 149, 129)))).pixels
    assert pixels.shape == (SIDE, SIDE)
    rows, columns = pixels.max(axis=1) > 128, pixels.max(axis=0) > 128
    assert rows.all(), "100 pixels high, scaled to all 28 rows"
    assert columns.sum() == pytest.approx(14, abs=1), "half as wide as high"
    assert pixels[:, 0].max() == 0
    assert abs(np.flatnonzero(columns).mean() - 13.5) <= 1, "centred"


def test_where_the_garment_lies_in_the_picture_does_not_matter() -> None:
    here = prepare(encode(sheet("white", "navy", (20, 20, 79, 139)))).pixels
    there = prepare(encode(sheet("white", "navy", (200, 50, 259, 169)))).pixels
    assert np.abs(here.astype(int) - there).mean() < 2


def test_an_image_of_the_data_survives_being_photographed(trained: Workspace) -> None:
    images = data.load(trained, "train", reader="train").pixels[:60]
    random = np.random.default_rng(0)
    gaps = [
        np.abs(prepare(as_photograph(image, random)).pixels.astype(int) - image).mean()
        for image in images
    ]
    assert np.median(gaps) < 28, "grey levels of 255; 20 over all images of the sample"


def test_a_picture_is_turned_as_the_camera_was_held() -> None:
    wide = sheet("white", "black", (50, 80, 249, 119))
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways: turn by 90 degrees
    turned = prepare(encode(wide, "JPEG", exif=exif)).pixels
    assert (turned.max(axis=1) > 128).all()
    assert (turned.max(axis=0) > 128).sum() < SIDE / 2


def test_what_is_transparent_counts_as_white() -> None:
    picture = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((30, 30, 70, 70), fill=(20, 20, 20, 255))
    pixels = prepare(encode(picture)).pixels
    assert pixels[0, 0] == 0
    assert pixels[14, 14] == 255


def test_a_ground_that_is_not_plain_is_remarked_on() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    assert "not plain" in prepare(encode(Image.fromarray(noise))).remark
    assert prepare(encode(sheet("white", "black", (100, 30, 149, 129)))).remark == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a picture"),
        (b"GIF89a", "not a picture"),
        (encode(Image.new("L", (50, 50), 200)), "one colour"),
        (encode(Image.new("1", (6000, MOST_PIXELS // 6000 + 1))), "megapixels"),
        (encode(Image.new("RGB", (40, 40)))[:60], "not a picture"),
    ],
)
def test_what_cannot_be_used_gets_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(PictureError, match=reason):
        prepare(content)


def test_a_picture_is_scaled_across_and_then_down_by_whatever_version_of_pillow() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (635, 262)).astype(np.uint8)
    drawn, way = Image.fromarray(levels), Image.Resampling.BICUBIC
    expected = drawn.resize((131, 635), way).resize((131, 318), way)
    assert (np.asarray(photograph.scale(drawn, 0.5, way)) == np.asarray(expected)).all()
