"""From sound to what the network sees: a log-mel spectrogram, by NumPy alone.

`page/audio.js` does the same in the browser. Nothing here reads or writes a file.
"""

import io
import wave
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 8000  # samples a second, of the data and of all that is asked
LOUDEST = 32768.0  # of a sample in 16 bits
MEL, CORNER = 1127.0, 700.0  # O'Shaughnessy's mel: nearly linear below 700 Hz, logarithmic above
BEL = 10.0  # decibels

FAINTEST = -120.0  # decibels: what silence counts as
TINY = 1e-30  # below any power: the logarithm of zero is not taken

Array = NDArray[np.float64]
Settings = Mapping[str, Any]


class SoundError(ValueError):
    """What was sent is no recording that can be used."""


def read_wave(content: bytes) -> NDArray[np.int16]:
    """The samples of a WAV file; raises SoundError unless it is mono, 16 bits, RATE."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            samples = file.readframes(file.getnframes())
    except (EOFError, wave.Error) as error:
        raise SoundError("This is no WAV file.") from error
    if shape != (1, 2, RATE):
        raise SoundError(f"Send one channel of 16 bits at {RATE:,} samples a second.")
    return np.frombuffer(samples, "<i2")


def write_wave(samples: NDArray[np.int16]) -> bytes:
    """The same way back."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(np.asarray(samples, "<i2").tobytes())
    return file.getvalue()


def to_mel(hertz: Array) -> Array:
    """Pitch as it is heard: equal steps sound alike."""
    return MEL * np.log1p(hertz / CORNER)


def from_mel(mels: Array) -> Array:
    """Hertz."""
    return CORNER * np.expm1(mels / MEL)


def filters(settings: Settings) -> Array:
    """Triangles that sum a power spectrum into bands, shape (bands, fft / 2 + 1)."""
    # practice: filters
    low, high, bands = settings["low"], settings["high"], settings["bands"]
    edges = from_mel(np.linspace(to_mel(low), to_mel(high), bands + 2))
    bins = np.fft.rfftfreq(settings["fft"], 1 / RATE)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(rising, falling))
    # practice: end


def spectrum(samples: NDArray, settings: Settings) -> Array:
    """Power of each frame, shape (frames, fft / 2 + 1); a last frame that is not full is filled."""
    frame, hop = settings["frame"], settings["hop"]
    sound = np.asarray(samples) / LOUDEST
    frames = 1 + max(0, -(-(len(sound) - frame) // hop))
    sound = np.pad(sound, (0, max(0, (frames - 1) * hop + frame - len(sound))))
    parts = np.lib.stride_tricks.sliding_window_view(sound, frame)[::hop]
    return np.abs(np.fft.rfft(parts * np.hanning(frame), settings["fft"])) ** 2


def log_mel(samples: NDArray, settings: Settings) -> Array:
    """What the network sees, shape (bands, frames): 1 is the loudest place, 0 so much below it.

    So a recording is measured by itself: how loud it is does not matter. Its middle is kept,
    `frames` long; a shorter one has silence on both sides.
    """
    # practice: log_mel
    power = spectrum(samples, settings) @ filters(settings).T
    loudest = power.max()
    if loudest <= 0:
        return np.zeros((settings["bands"], settings["frames"]))
    span = settings["decibels"]
    seen = np.maximum(0, 1 + BEL * np.log10(np.maximum(power / loudest, TINY)) / span).T
    return fit_length(seen, settings["frames"])
    # practice: end


def fit_length(seen: Array, frames: int) -> Array:
    """The middle of a spectrogram, or the whole between equal margins of silence."""
    spare = frames - seen.shape[1]
    if spare < 0:
        start = -spare // 2
        return seen[:, start : start + frames]
    return np.pad(seen, ((0, 0), (spare // 2, spare - spare // 2)))


def loudness(samples: NDArray, settings: Settings) -> float:
    """Of the loudest frame, in decibels below the loudest that fits; FAINTEST at least."""
    frame = settings["frame"]
    power = (np.asarray(samples) / LOUDEST) ** 2
    sums = np.convolve(power, np.ones(frame)) / frame
    return max(FAINTEST, BEL * float(np.log10(max(sums.max(initial=0.0), TINY))))


def band_mels(settings: Settings) -> Array:
    """Where the middles of the bands are, shape (bands,)."""
    ends = to_mel(settings["low"]), to_mel(settings["high"])
    return np.linspace(*ends, settings["bands"] + 2)[1:-1]


def warp(tract: float, settings: Settings) -> Array:
    """The matrix (bands, bands) that shows a voice as if its tract were `tract` times as short.

    Each band takes its value from between two neighbours of where it would lie then.
    """
    mels = band_mels(settings)
    wanted = to_mel(from_mel(mels) / tract)
    places = np.clip((wanted - mels[0]) / (mels[1] - mels[0]), 0, len(mels) - 1)
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(len(mels))))
