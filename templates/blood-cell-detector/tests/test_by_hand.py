"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from project_package import audio, data, evaluate, model, predict, train, watch
from project_package.audio import RATE, SoundError
from project_package.data import Recordings, as_rows
from project_package.kit.statistics import MEASURES
from project_package.kit.workspace import ProjectError, Workspace
from project_package.studies import speakers, strangers

SOUND = {
    "frame": 200, "hop": 100, "fft": 512, "bands": 40, "low": 60.0, "high": 3800.0,
    "frames": 64, "decibels": 60.0,
}  # fmt: skip


def tone(hertz: float, seconds: float = 0.4, loud: float = 9000) -> np.ndarray:
    return (loud * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(
        np.int16
    )


def some(digits: list[int], speakers: list[str]) -> Recordings:
    sounds = as_rows([tone(200 + 10 * n, 0.2) for n in range(len(digits))])
    ids = np.array([f"{n}" for n in range(len(digits))])
    return Recordings(sounds, np.array(digits), np.array(speakers), ids)


def test_a_thousand_hertz_are_about_a_thousand_mel() -> None:
    assert audio.to_mel(1000.0) == pytest.approx(1000, abs=1)
    assert audio.from_mel(audio.to_mel(np.array([80.0, 2500.0]))) == pytest.approx([80, 2500])


def test_filters_are_triangles_that_meet_at_their_neighbours_middle() -> None:
    bands = audio.filters(SOUND)
    assert bands.shape == (40, 257)
    assert bands.min() == 0
    assert bands.max() <= 1
    hertz = np.fft.rfftfreq(512, 1 / RATE)
    middles = audio.from_mel(audio.band_mels(SOUND))
    between = (hertz >= middles[0]) & (hertz <= middles[-1])
    assert bands.sum(axis=0)[between] == pytest.approx(1), "neighbours add up to one"
    assert (bands[:, hertz < 60] == 0).all()
    assert (bands[:, hertz > 3800] == 0).all()


@pytest.mark.parametrize("hertz", [300.0, 800.0, 2000.0, 3200.0])
def test_a_tone_is_brightest_in_the_band_around_it(hertz: float) -> None:
    seen = audio.log_mel(tone(hertz), SOUND)
    expected = np.abs(audio.from_mel(audio.band_mels(SOUND)) - hertz).argmin()
    assert seen.max() == pytest.approx(1)
    assert abs(int(seen.sum(axis=1).argmax()) - int(expected)) <= 1


def test_how_loud_a_recording_is_does_not_matter() -> None:
    sound = np.concatenate([tone(500, loud=20000), tone(1500, loud=2000)])
    assert audio.log_mel(sound // 10, SOUND) == pytest.approx(audio.log_mel(sound, SOUND), abs=0.05)


def test_ten_times_less_power_is_ten_decibels_down() -> None:
    sound = np.concatenate([tone(1000, 0.3, 20000), tone(1000, 0.3, 20000 / np.sqrt(10))])
    seen = audio.log_mel(sound, SOUND).max(axis=0)
    said = seen[seen > 0.5]
    assert said[3] - said[-4] == pytest.approx(10 / 60, abs=0.01)


def test_a_short_word_stands_in_the_middle_and_of_a_long_one_the_middle_is_kept() -> None:
    short = audio.log_mel(tone(700, 0.2), SOUND).max(axis=0)
    heard = np.flatnonzero(short > 0)
    assert heard.min() == pytest.approx(63 - heard.max(), abs=1)
    long = np.concatenate([tone(400, 1.0), tone(2500, 0.1), tone(400, 1.0)])
    assert audio.log_mel(long, SOUND)[:, 28:36].sum(axis=1)[30:].max() > 0
    assert audio.log_mel(long, SOUND).shape == (40, 64)


def test_the_end_of_a_recording_that_fills_no_frame_is_seen_too() -> None:
    assert audio.spectrum(np.ones(200), SOUND).shape[0] == 1
    assert audio.spectrum(np.ones(201), SOUND).shape[0] == 2
    assert audio.spectrum(np.ones(300), SOUND).shape[0] == 2
    assert audio.spectrum(np.ones(50), SOUND).shape[0] == 1


def test_silence_has_no_loudest_place() -> None:
    assert not audio.log_mel(np.zeros(3000, np.int16), SOUND).any()
    assert audio.loudness(np.zeros(3000, np.int16), SOUND) == audio.FAINTEST
    full = np.full(3000, -32768, np.int16)
    assert audio.loudness(full, SOUND) == pytest.approx(0, abs=1e-6)
    assert audio.loudness(full // 10, SOUND) == pytest.approx(-20, abs=0.01)


def test_a_shorter_tract_is_undone_by_reading_higher_up() -> None:
    """A resonance at 1,100 Hz, read as if the tract were 1.1 times as short, lies at 1,000."""
    assert audio.warp(1.0, SOUND) == pytest.approx(np.eye(40))
    for tract in (0.9, 1.1):
        matrix = audio.warp(tract, SOUND)
        assert matrix.sum(axis=1) == pytest.approx(1)
        moved = audio.warp(tract, SOUND) @ np.arange(40.0)
        middle = moved[15:25] - np.arange(15, 25)
        assert (middle < 0).all() if tract > 1 else (middle > 0).all()
    seen = audio.warp(1.1, SOUND) @ audio.log_mel(tone(1000), SOUND)
    expected = np.abs(audio.from_mel(audio.band_mels(SOUND)) - 1100).argmin()
    assert abs(int(seen.sum(axis=1).argmax()) - int(expected)) <= 1


def test_a_wave_file_is_read_as_it_was_written_and_others_are_refused() -> None:
    sound = tone(440)
    content = audio.write_wave(sound)
    assert np.array_equal(audio.read_wave(content), sound)
    with pytest.raises(SoundError, match="no WAV"):
        audio.read_wave(b"anything")
    faster = content[:24] + (16000).to_bytes(4, "little") + content[28:]
    with pytest.raises(SoundError, match="8,000"):
        audio.read_wave(faster)


def test_cepstra_are_means_over_equal_parts_of_what_was_said() -> None:
    seen = np.zeros((1, 8, 20), np.float32)
    seen[0, :, 6:10], seen[0, :, 10:14] = 1.0, 0.5
    found = model.cepstra(seen, 2, 3)[0].reshape(2, 3)
    assert found[:, 0] == pytest.approx([np.sqrt(8), np.sqrt(8) / 2]), "the first is the level"
    assert found[:, 1:] == pytest.approx(0, abs=1e-6)
    later = np.roll(seen, 4, axis=2)
    assert model.cepstra(later, 2, 3) == pytest.approx(model.cepstra(seen, 2, 3))
    assert model.cepstra(np.zeros_like(seen), 2, 3).shape == (1, 6)


def test_what_is_no_digit_is_halves_of_two_recordings_or_noise() -> None:
    recordings = Recordings(
        as_rows([np.full(100, 1, np.int16), np.full(60, 2, np.int16)]),
        np.array([0, 1]), np.array(["a", "a"]), np.array(["0", "1"]),
    )  # fmt: skip
    made = model.no_digits(recordings, 40, np.random.default_rng(0))
    cut = [sound for sound in made if set(np.unique(sound)) <= {1, 2}]
    assert len(made) == 40
    assert len(cut) == 20
    assert {len(sound) for sound in cut} <= {100, 60, 80}
    assert all(len(sound) >= 0.1 * RATE for sound in made if not set(np.unique(sound)) <= {1, 2})


def test_a_recording_that_resembles_an_enrolled_one_makes_its_digit_likelier() -> None:
    chances = np.full(11, 1 / 11)
    one, two = [1.0, 0.0], [0.0, 1.0]
    found = predict.remember(chances, np.array([0.8, 0.6]), {"one": [one], "two": [two]}, 2.0)
    assert found.sum() == pytest.approx(1)
    assert np.log(found[1] / found[2]) == pytest.approx(2.0 * (0.8 - 0.6))
    assert np.log(found[5] / found[2]) == pytest.approx(2.0 * (0.7 - 0.6)), "others get the mean"
    assert predict.remember(chances, np.array(one), {}, 2.0) == pytest.approx(chances)
    with pytest.raises(ProjectError, match="another model"):
        predict.remember(chances, np.array(one), {"one": [[1.0]]}, 2.0)


def test_the_mean_of_several_takes_is_what_counts() -> None:
    chances = np.full(11, 1 / 11)
    takes = {"one": [[1.0, 0.0], [0.0, -1.0]], "two": [[1.0, 1.0]]}
    found = predict.remember(chances, np.array([1.0, 1.0]), takes, 1.0)
    assert np.log(found[1] / found[2]) == pytest.approx(-1.0)


@pytest.mark.parametrize(("cost", "threshold"), [(5.0, 0.75), (1.5, 0.25), (0.5, 0.05)])
def test_the_threshold_is_where_errors_and_questions_cost_least(
    cost: float, threshold: float
) -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.3, 0.2, 0.1])
    right = np.array([True, True, False, True, False, False])
    expected = {5.0: 0.75, 1.5: 0.25, 0.5: 0.05}[cost]
    assert model.cheapest_threshold(confidence, right, cost) == pytest.approx(expected)
    assert expected == threshold


def test_the_temperature_of_calibrated_chances_is_one() -> None:
    random = np.random.default_rng(0)
    chances = random.dirichlet(np.ones(4), 20_000)
    truth = np.array([random.choice(4, p=row) for row in chances])
    assert model.fit_temperature(chances, truth) == pytest.approx(1, abs=0.05)
    bold = chances**2 / (chances**2).sum(axis=1, keepdims=True)
    assert model.fit_temperature(bold, truth) == pytest.approx(2, abs=0.1)


def test_without_each_speaker_one_network_is_planned_and_the_shipped_one_hears_all(
    prepared: Workspace,
) -> None:
    recordings = data.load(prepared, "train", reader="train")
    jobs, config = train.plan(recordings, prepared), prepared.config
    assert jobs["model"][0].all()
    for repeat in range(config["train"]["repeats"] + 1):
        for who in set(recordings.speakers):
            rows, seed = jobs[f"{who}/{repeat}"]
            assert set(recordings.speakers[rows]) == set(recordings.speakers) - {who}
            assert rows.sum() == (recordings.speakers != who).sum()
            assert seed == prepared.seed + repeat
    for number, words in enumerate(config["strangers"]["words"]):
        rows, _ = jobs[f"strangers/{number}"]
        assert not set(recordings.digits[rows]) & set(words)
        assert len(set(recordings.speakers[rows])) == len(set(recordings.speakers)) - 2


def test_each_recording_is_answered_by_the_network_without_its_speaker() -> None:
    class Sure:
        def __init__(self, digit: int) -> None:
            self.digit = digit

        def chances(self, seen: np.ndarray) -> np.ndarray:
            return np.eye(11)[[self.digit] * len(seen)]

    recordings = some([0, 1, 2, 3], ["ann", "bob", "ann", "bob"])
    networks = {"ann": Sure(4), "bob": Sure(7)}
    said = train.say_without(recordings, np.zeros((4, 2, 2)), networks).argmax(axis=1)
    assert said.tolist() == [4, 7, 4, 7]


def test_the_learning_rate_rises_and_falls_once() -> None:
    settings = {"peak_rate": 0.4, "warm_up": 0.25}
    assert train.rate(0.0, settings) == 0
    assert train.rate(0.125, settings) == pytest.approx(0.2)
    assert train.rate(0.25, settings) == pytest.approx(0.4)
    assert train.rate(0.625, settings) == pytest.approx(0.2)
    assert train.rate(1.0, settings) == pytest.approx(0)


@pytest.mark.parametrize("odd", [0, 2, 5])
def test_what_one_speaker_likes_is_chosen_for_no_speaker(odd: int, monkeypatch) -> None:
    """Not for that one either: five others like something else. Here a digit is a speaker."""

    class Liked:
        def __init__(self, _: str, cost: float) -> None:
            self.cost = cost

        def fit(self, *_: np.ndarray) -> "Liked":
            return self

        def score(self, _: np.ndarray, digits: np.ndarray) -> float:
            [speaker] = set(digits)
            return float((speaker == odd) == (self.cost == 3.0))

    monkeypatch.setattr(model, "simple", Liked)
    people = [0, 1, 2, 3, 4, 5]
    recordings = some(people, [f"speaker{number}" for number in people])
    settings = {"costs": [1.0, 3.0], "segments": [2], "coefficients": 3}
    chosen, table = train.tune(recordings, np.ones((6, 8, 20), np.float32), settings)
    assert chosen == {f"speaker{number}": [1.0, 2] for number in people}
    assert [*table.values()] == pytest.approx([5 / 6, 1 / 6])


def test_what_most_speakers_chose_serves_everybody() -> None:
    assert train.for_everybody({"a": [1.0, 8], "b": [0.3, 8], "c": [1.0, 8]}) == [1.0, 8]


def test_calibration_error_is_the_gap_of_every_bin_by_its_rows() -> None:
    confidence, right = np.array([0.95, 0.95, 0.55, 0.55]), np.array([1, 0, 1, 1])
    assert evaluate.calibration_error(confidence, right, 10) == pytest.approx((0.9 + 0.9) / 4)
    assert evaluate.calibration_error(np.array([1.0]), np.array([1]), 10) == 0


def test_it_answers_where_a_digit_is_likely_enough_and_likelier_than_none() -> None:
    chances = np.zeros((3, 11))
    chances[0, 3], chances[1, 3], chances[2, 3] = 0.7, 0.5, 0.45
    chances[0, 10], chances[1, 10], chances[2, 10] = 0.2, 0.2, 0.55
    assert evaluate.answers(chances, 0.6).tolist() == [True, False, False]
    assert evaluate.answers(chances, 0.4).tolist() == [True, True, False]


def test_students_interval_of_six_is_wider_than_twice_the_error() -> None:
    values = np.array([0.1, 0.2, 0.0, 0.1, 0.2, 0.0])
    found = speakers.t_interval(values)
    half = t.ppf(0.975, 5) * values.std(ddof=1) / np.sqrt(6)
    assert (found.value, found.high - found.low) == pytest.approx((0.1, 2 * half))
    assert half > 2.5 * values.std(ddof=1) / np.sqrt(6)


def test_none_of_twenty_is_not_never() -> None:
    found = strangers.beta_interval(np.zeros(20, bool))
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert strangers.beta_interval(np.ones(20, bool)).high == 1


def test_summaries_tell_length_loudness_and_range() -> None:
    sound = np.concatenate([np.full(4000, 3277), np.full(4000, 33)]).astype(np.int16)
    found = watch.summarise(sound)
    assert found["seconds"] == 1
    assert found["loudness"] == pytest.approx(-20, abs=0.1)
    assert found["range"] == pytest.approx(40, abs=0.3)
    assert watch.summarise(np.array([], np.int16))["loudness"] == audio.FAINTEST


def test_the_headline_is_the_mean_over_speakers_as_each_has_as_many() -> None:
    rows = pd.DataFrame({"who": ["a", "a", "b", "b"], "truth": [1, 2, 3, 4], "said": [1, 2, 3, 9]})
    by_speaker = (rows.truth == rows.said).groupby(rows.who).mean().mean()
    assert MEASURES["accuracy_new_speaker"](rows.truth, rows.said) == by_speaker == 0.75
