"""A synthesised sample: ten invented words by six invented voices, for tests and work offline.

Each word is a row of sounds, each sound three formants with voice or hiss. A voice has a pitch, a
length of vocal tract, a pace, an accent and a microphone. Nobody is heard.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

RATE = 8000
FRAME = 40  # samples for which a sound stays as it is
VOICES, TAKES = 6, 10
SEED = 14
SOUNDS_FILE = "sounds.npz"
TOP = 3600  # hertz, above which no harmonic is made
WIDTHS = (90.0, 120.0, 180.0)  # of the formants, in hertz
SOUNDS = {  # three formants in hertz, how loud voice and hiss are, and milliseconds
    "a": (700, 1200, 2500, 1.0, 0.0, 110), "e": (520, 1800, 2500, 1.0, 0.0, 100),
    "i": (300, 2250, 2900, 0.9, 0.0, 100), "o": (500, 900, 2400, 1.0, 0.0, 110),
    "u": (320, 1000, 2300, 0.8, 0.0, 90), "r": (380, 1150, 1600, 0.7, 0.0, 60),
    "n": (260, 1400, 2400, 0.5, 0.0, 80), "v": (300, 1100, 2300, 0.3, 0.05, 50),
    "w": (300, 700, 2200, 0.6, 0.0, 50), "s": (400, 1800, 2600, 0.0, 0.35, 110),
    "z": (300, 1700, 2500, 0.3, 0.25, 70), "f": (400, 1200, 2400, 0.0, 0.1, 80),
    "t": (400, 1800, 2600, 0.0, 0.5, 25), ".": (400, 1500, 2500, 0.0, 0.0, 45),
}  # fmt: skip
WORDS = ("ziro", "wan", ".tu", "fri", "for", "faiv", "si.s", "seven", "ei.t", "nain")


def write_sample(folder: Path) -> Path:
    """The file of the sample; what is there stays."""
    path = folder / SOUNDS_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, **draw(SEED))
    return path


def draw(seed: int, voices: int = VOICES, takes: int = TAKES) -> dict[str, NDArray[Any]]:
    """`sound` int16, one recording after the other, where each `ends`; `digits`, `speakers`, `ids`.

    The same seed gives the same voices, whatever the number of takes.
    """
    random = np.random.default_rng(seed)
    said: list[tuple[str, int, str]] = []
    sounds: list[NDArray[np.int16]] = []
    for number in range(1, voices + 1):
        voice, speaker = draw_voice(random, number / (voices + 1)), f"voice{number}"
        own = np.random.default_rng((seed, number))
        for digit, word in enumerate(WORDS):
            for take in range(takes):
                sounds.append(speak(word, voice, own))
                said.append((f"{digit}_{speaker}_{take}", digit, speaker))
    ids, digits, speakers = (np.array(column) for column in zip(*said, strict=True))
    ends = np.cumsum([len(sound) for sound in sounds])
    return {
        "sound": np.concatenate(sounds), "ends": ends, "digits": digits.astype(np.int64),
        "speakers": speakers, "ids": ids,
    }  # fmt: skip


def draw_voice(random: Generator, place: float) -> dict[str, Any]:
    """What tells a speaker apart; `place` from 0 to 1 spreads the vocal tracts, long to short."""
    return {
        "pitch": 100 * 2 ** (1.2 * place + random.normal(0, 0.15)),
        "tract": 0.75 + 0.55 * place,
        "accent": {name: random.normal(1, 0.2, 3) for name in SOUNDS},
        "pace": np.exp(random.normal(-0.2, 0.2)),
        "loud": 10 ** random.uniform(-1.3, -0.3),
        "noise": 10 ** random.uniform(-3.2, -2.2),
        "tilt": random.uniform(0.6, 1.4),
    }


def speak(word: str, voice: dict[str, Any], random: Generator) -> NDArray[np.int16]:
    """One recording of a word."""
    frames = []
    for name in word:
        first, second, third, voiced, hiss, long = SOUNDS[name]
        formants = np.array([first, second, third]) * voice["tract"] * voice["accent"][name]
        many = max(
            2, round(long * voice["pace"] * np.exp(random.normal(0, 0.15)) * RATE / 1000 / FRAME)
        )
        frames += [[*formants * np.exp(random.normal(0, 0.05, 3)), voiced, hiss]] * many
    tracks = smooth(np.array(frames))
    pitch = voice["pitch"] * np.exp(random.normal(0, 0.06)) * np.linspace(1.08, 0.88, len(tracks))
    phase = 2 * np.pi * np.cumsum(np.repeat(pitch, FRAME)) / RATE
    harmonics = np.arange(1, int(TOP / pitch.min()) + 1)
    hertz = pitch[:, None] * harmonics
    far = (hertz[:, :, None] - tracks[:, None, :3]) / np.array(WIDTHS)
    loud = (1 / (1 + far**2)).sum(axis=2) * harmonics ** -voice["tilt"] * (hertz < TOP)
    loud *= tracks[:, 3:4]
    tone = (np.repeat(loud, FRAME, axis=0) * np.sin(phase[:, None] * harmonics)).sum(axis=1)
    white = random.normal(0, 1, len(tone) + 1)
    sound = tone + np.repeat(tracks[:, 4], FRAME) * np.diff(white)
    sound = sound * voice["loud"] * np.exp(random.normal(0, 0.2)) / max(np.abs(sound).max(), 1e-9)
    sound = sound + voice["noise"] * voice["loud"] * white[1:]
    return np.clip(sound * 32767, -32768, 32767).astype(np.int16)


def smooth(tracks: NDArray) -> NDArray:
    """Sounds run into each other: the mean over five frames."""
    padded = np.pad(tracks, ((2, 2), (0, 0)), mode="edge")
    return np.mean([padded[start : start + len(tracks)] for start in range(5)], axis=0)
