import librosa
import numpy as np


def mfcc(wave, sr):
    return librosa.feature.mfcc(y=wave, sr=sr, n_mfcc=20).mean(axis=1)


def variants(wave, sr, rng):
    yield wave + 0.005 * rng.standard_normal(len(wave))
    yield librosa.effects.pitch_shift(wave, sr=sr, n_steps=1)
