"""What a speaker expects of any recogniser (Ribeiro et al., CheckList, 2020)."""

from dataclasses import replace

import numpy as np
import pytest

from project_package import data
from project_package.data import Recordings
from project_package.kit.workspace import ProjectError, Workspace
from project_package.predict import NONE, Recogniser, read_recording


@pytest.fixture(scope="module")
def recogniser(trained: Workspace) -> Recogniser:
    return Recogniser.load(trained)


@pytest.fixture(scope="module")
def known(trained: Workspace) -> Recordings:
    return data.load(trained, "train", reader="train").take(np.arange(0, 360, 6))


def digits(recogniser: Recogniser, sounds) -> np.ndarray:
    return np.array([recogniser.recognise(sound, {}, explain=False).digit for sound in sounds])


def test_it_understands_most_of_what_it_learned_from(recogniser, known) -> None:
    assert (digits(recogniser, known.sounds) == known.digits).mean() > 0.8


def test_a_quieter_recording_is_the_same_digit(recogniser, known) -> None:
    quieter = [(sound * 0.5).astype(np.int16) for sound in known.sounds]
    assert (digits(recogniser, quieter) == digits(recogniser, known.sounds)).mean() > 0.95


def test_silence_before_and_after_changes_little(recogniser, known) -> None:
    padded = [np.pad(sound, 400) for sound in known.sounds]
    assert (digits(recogniser, padded) == digits(recogniser, known.sounds)).mean() > 0.9


def test_silence_is_refused_however_sure_the_network_is(recogniser, known) -> None:
    for sound in (np.zeros(4000, np.int16), np.ones(4000, np.int16)):
        answer = recogniser.recognise(sound, {}, explain=False)
        assert (answer.sure, answer.reason) == (False, "silence")
    deaf = replace(recogniser, silence=0.0)
    assert deaf.recognise(known.sounds[0], {}, explain=False).reason == "silence"


def test_below_the_threshold_it_does_not_answer(recogniser, known) -> None:
    strict = replace(recogniser, threshold=1.01)
    answers = [strict.recognise(sound, {}, explain=False) for sound in known.sounds[:20]]
    assert not any(answer.sure for answer in answers)
    assert {answer.reason for answer in answers} <= {"not sure", "none of them"}
    lax = replace(recogniser, threshold=0.0)
    assert any(lax.recognise(sound, {}, explain=False).sure for sound in known.sounds[:20])


def test_what_is_likelier_none_of_them_is_never_answered(recogniser, known) -> None:
    bias = recogniser.arrays["head_bias"].copy()
    bias[NONE] += 50
    found = replace(recogniser, arrays={**recogniser.arrays, "head_bias": bias}, threshold=0.0)
    answer = found.recognise(known.sounds[0], {}, explain=False)
    assert (answer.sure, answer.reason) == (False, "none of them")
    assert 0 <= answer.digit < NONE


def test_probabilities_add_up_and_name_the_digit(recogniser, known) -> None:
    answer = recogniser.recognise(known.sounds[3], {})
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert answer.probability == answer.probabilities[answer.word]
    assert list(answer.probabilities)[answer.digit] == answer.word
    assert answer.probability == max(
        p for word, p in answer.probabilities.items() if word in data.DIGITS
    )


def test_the_map_covers_the_picture_and_putting_out_nothing_changes_nothing(
    recogniser, known
) -> None:
    answer = recogniser.recognise(known.sounds[3], {})
    seen = np.array(answer.seen)
    rows, columns = (-(-size // step) for size, step in zip(seen.shape, (10, 8), strict=True))
    assert np.array(answer.occlusion).shape == (rows, columns)
    dark = [
        (row, column)
        for row in range(rows)
        for column in range(columns)
        if not seen[row * 10 : row * 10 + 10, column * 8 : column * 8 + 8].any()
    ]
    assert all(abs(answer.occlusion[row][column]) < 1e-3 for row, column in dark)


def test_a_recording_does_not_depend_on_those_beside_it(recogniser, known) -> None:
    from project_package.model import see

    seen = see(known.sounds[:9], recogniser.sound)
    together = recogniser.chances(seen)
    alone = np.concatenate([recogniser.chances(each[None]) for each in seen])
    assert alone == pytest.approx(together, abs=1e-5)
    assert recogniser.chances(seen[:0]).shape == (0, NONE + 1)


def test_the_mean_over_vocal_tracts_answers(recogniser, known) -> None:
    from project_package.model import see

    seen = see(known.sounds[:5], recogniser.sound)
    plain = replace(recogniser, temperature=1.0)
    each = [plain.chances(seen, [tract]) for tract in recogniser.warps]
    assert plain.chances(seen) == pytest.approx(np.mean(each, axis=0), abs=1e-9)
    assert len(recogniser.warps) > 1


def test_an_enrolled_recording_makes_itself_likelier(recogniser, known) -> None:
    before = recogniser.recognise(known.sounds[0], {}, explain=False)
    own = {data.DIGITS[known.digits[0]]: [before.descriptor]}
    other = next(
        sound
        for sound, digit in zip(known.sounds, known.digits, strict=True)
        if digit != known.digits[0]
    )
    stranger = recogniser.recognise(other, {}, explain=False)
    own[stranger.word if stranger.word not in own else "nine"] = [stranger.descriptor]
    after = recogniser.recognise(known.sounds[0], own, explain=False)
    word = data.DIGITS[known.digits[0]]
    assert after.probabilities[word] >= before.probabilities[word] - 1e-9


def test_a_file_that_is_too_long_or_no_sound_is_refused(tmp_path) -> None:
    from project_package.audio import write_wave

    path = tmp_path / "long.wav"
    path.write_bytes(write_wave(np.zeros(8000 * 4, np.int16)))
    with pytest.raises(ProjectError, match="longer than 3 seconds"):
        read_recording(path)
    path.write_text("no sound", encoding="utf-8")
    with pytest.raises(ProjectError, match="no WAV"):
        read_recording(path)
