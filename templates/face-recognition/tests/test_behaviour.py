"""What a user expects of any recogniser of faces, whatever its score."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from project_package import data, enrolment, predict
from project_package.data import Faces
from project_package.kit.commands import main
from project_package.kit.workspace import ProjectError, Workspace
from project_package.predict import Recogniser


@pytest.fixture(scope="module")
def recogniser(trained: Workspace) -> Recogniser:
    return Recogniser.load(trained)


@pytest.fixture(scope="module")
def faces(trained: Workspace) -> Faces:
    return data.load(trained, "train", reader="train")


def likeness(recogniser: Recogniser, one: np.ndarray, other: np.ndarray) -> float:
    return float(np.dot(*recogniser.embed(np.stack([one, other]))))


def test_a_picture_is_wholly_alike_to_itself_and_as_alike_both_ways(recogniser, faces) -> None:
    one, other = faces.pixels[[0, 20]]
    assert likeness(recogniser, one, one) == pytest.approx(1)
    assert likeness(recogniser, one, other) == pytest.approx(likeness(recogniser, other, one))


def test_the_mirror_image_is_the_same_face(recogniser, faces) -> None:
    for face in faces.pixels[:5]:
        assert likeness(recogniser, face, face[:, ::-1]) == pytest.approx(1)


def test_dimmed_pictures_are_nearer_to_their_person_far_more_often_than_by_chance(
    recogniser, faces
) -> None:
    """By chance, one in twelve would be."""
    dimmed = (faces.pixels * 0.7 + 20).astype(np.uint8)
    assert share_nearest_to_themselves(recogniser, faces, dimmed) > 0.4


def test_a_few_pixels_to_the_side_make_nobody_another_person(recogniser, faces) -> None:
    moved = np.roll(faces.pixels, 2, axis=2)
    assert share_nearest_to_themselves(recogniser, faces, moved) > 0.85


def share_nearest_to_themselves(recogniser: Recogniser, faces: Faces, changed: np.ndarray) -> float:
    """How many changed pictures are nearer to their own person than to all others."""
    alike = recogniser.embed(changed) @ recogniser.embed(faces.pixels).T
    return float((faces.people[alike.argmax(axis=1)] == faces.people).mean())


def test_a_picture_does_not_depend_on_those_beside_it(recogniser, faces) -> None:
    together = recogniser.embed(faces.pixels[:40])
    alone = np.concatenate([recogniser.embed(face[None]) for face in faces.pixels[:40]])
    assert together == pytest.approx(alone, abs=1e-12)


def test_what_is_no_face_is_said_to_be_unusual(recogniser, faces) -> None:
    random = np.random.default_rng(0)
    noise = random.integers(0, 255, faces.pixels[0].shape).astype(np.uint8)
    answer = recogniser.recognise(noise, {})
    assert answer.distance > answer.usual
    usual = [recogniser.recognise(face, {}).distance <= recogniser.usual for face in faces.pixels]
    assert np.mean(usual) > 0.95


def test_a_picture_without_contrast_is_refused(recogniser) -> None:
    with pytest.raises(ProjectError, match="hardly any contrast"):
        recogniser.recognise(np.full((112, 92), 120, np.uint8), {})


def test_whoever_is_below_the_threshold_is_nobody(recogniser, faces) -> None:
    descriptor = recogniser.embed(faces.pixels[:1])[0]
    stranger = -descriptor
    answer = recogniser.recognise(faces.pixels[0], {"Ada": [stranger.tolist()]})
    assert (answer.known, answer.nearest) == (False, "Ada")
    assert answer.likeness == pytest.approx(-1, abs=1e-6)
    empty = recogniser.recognise(faces.pixels[0], {})
    assert (empty.known, empty.nearest, empty.likeness, empty.people) == (False, None, None, [])


def test_what_is_no_face_is_nobody_however_alike(recogniser, faces) -> None:
    noise = np.random.default_rng(0).integers(0, 255, faces.pixels[0].shape).astype(np.uint8)
    descriptor = recogniser.embed(noise[None])[0].tolist()
    answer = recogniser.recognise(noise, {"Ada": [descriptor]})
    assert answer.likeness == pytest.approx(1, abs=1e-6)
    assert not answer.known


def ordinary(recogniser: Recogniser, faces: Faces) -> np.ndarray:
    """The picture that is least unusual."""
    return faces.pixels[recogniser.encoder.distance(faces.pixels).argmin()]


def test_everybody_is_compared_and_the_nearest_named(recogniser, faces) -> None:
    face = ordinary(recogniser, faces)
    vectors = recogniser.embed(face[None])
    gallery = {
        "Ada": [vectors[0].tolist()],
        "Ben": [vectors[0].tolist(), (-vectors[0]).tolist()],
        "Cleo": [(-vectors[0]).tolist()],
    }
    answer = recogniser.recognise(face, gallery)
    assert [name for name, _ in answer.people] == ["Ada", "Ben", "Cleo"]
    assert [alike for _, alike in answer.people] == pytest.approx([1, 0, -1], abs=1e-6)
    assert answer.known


def test_a_descriptor_of_another_model_is_refused(recogniser, faces) -> None:
    with pytest.raises(ProjectError, match="Ada was enrolled with another model"):
        recogniser.recognise(faces.pixels[0], {"Ada": [[1.0, 0.0]]})


@pytest.fixture
def photographs(tmp_path: Path, faces: Faces) -> Path:
    """A folder for each of two people, with three pictures each, larger than the model's."""
    folder = tmp_path / "photographs"
    for name, who in (("Ada", faces.people[0]), ("Ben", faces.people[-1])):
        (folder / name).mkdir(parents=True)
        for number, pixels in enumerate(faces.pixels[faces.people == who][:3]):
            picture = Image.fromarray(pixels).resize((920, 1120))
            picture.save(folder / name / f"{number}.png")
    (folder / "Ada" / "notes.txt").write_text("no picture", encoding="utf-8")
    return folder


def test_who_is_enrolled_is_recognised_from_a_file(
    copy: Workspace, photographs: Path, faces: Faces, capsys
) -> None:
    assert enrolment.enrol(copy, photographs) == ["Ada", "Ben"]
    other = faces.pixels[faces.people == faces.people[0]][4]
    path = photographs / "later.png"
    Image.fromarray(other).save(path)
    predict.run(copy, [str(path)])
    answer = json.loads(capsys.readouterr().out)
    assert answer["nearest"] == "Ada"
    assert "descriptor" not in answer, "what is printed can end up in a log"


def test_a_picture_file_is_seen_as_the_data_are(photographs: Path, faces: Faces) -> None:
    found = predict.read_face(photographs / "Ada" / "0.png")
    assert found.shape == (data.HEIGHT, data.WIDTH)
    expected = faces.pixels[faces.people == faces.people[0]][0]
    assert np.abs(found.astype(int) - expected).mean() < 6
    with pytest.raises(ProjectError, match="not a picture"):
        predict.read_face(photographs / "Ada" / "notes.txt")


def kept(workspace: Workspace) -> str:
    """All that stands in any file about people enrolled."""
    folder = workspace.root / "data" / "enrolled"
    return "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


def test_forgetting_leaves_nothing_of_a_person_and_everything_of_the_others(
    copy: Workspace, photographs: Path
) -> None:
    enrolment.enrol(copy, photographs)
    before = enrolment.read_gallery(copy)
    assert "Ada" in kept(copy)
    number = str(before["Ada"][0][0])
    assert number in kept(copy)
    assert enrolment.forget(copy, "Ada") == 1
    assert "Ada" not in kept(copy)
    assert number not in kept(copy)
    assert enrolment.read_gallery(copy) == {"Ben": before["Ben"]}
    assert enrolment.forget(copy, "Ben") == 0
    assert kept(copy) == ""
    assert enrolment.read_gallery(copy) == {}


def test_only_numbers_are_kept_and_no_picture(copy: Workspace, photographs: Path) -> None:
    enrolment.enrol(copy, photographs)
    files = [path.name for path in (copy.root / "data" / "enrolled").rglob("*")]
    assert files == ["people.json"]
    descriptors = enrolment.read_gallery(copy)["Ada"]
    assert np.shape(descriptors)[0] == 3
    assert np.linalg.norm(descriptors, axis=1) == pytest.approx(1, abs=1e-4)


def test_somebody_can_be_forgotten_whatever_model_enrolled_them(
    copy: Workspace, photographs: Path
) -> None:
    enrolment.enrol(copy, photographs)
    (copy.models / "more.bin").write_bytes(b"another model")
    with pytest.raises(ProjectError, match="enrolled with another model"):
        enrolment.read_gallery(copy)
    assert enrolment.forget(copy, "Ada") == 1
    assert "Ada" not in kept(copy)
    enrolment.enrol(copy, photographs)
    assert set(enrolment.read_gallery(copy)) == {"Ada", "Ben"}


def test_nobody_to_enrol_and_nobody_to_forget_are_clear_errors(
    copy: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(ProjectError, match="no folder of pictures"):
        enrolment.enrol(copy, tmp_path / "nowhere")
    with pytest.raises(ProjectError, match="nobody is enrolled as 'Ada'"):
        enrolment.forget(copy, "Ada")


def test_the_command_line_knows_both_verbs(capsys) -> None:
    for verb in ("enrol", "forget"):
        with pytest.raises(SystemExit) as stopped:
            main([verb, "--help"])
        assert stopped.value.code == 0
    assert "delete all that is kept" in capsys.readouterr().out
