"""A generated sample: invented people and invented films, for tests and work without a network.

The terms of the real data forbid handing on any of its rows. The people here have a taste for two
of six genres and come back now and then; films come into fashion and go out of it again.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.random import Generator

PEOPLE = 240
GENRES = ("Action", "Comedy", "Drama", "Horror", "Romance", "Sci-Fi")
FILMS_PER_GENRE = 25
PER_VISIT = (6, 15)  # films
TASTE = 6.0  # how many times likelier a film of a favourite genre is than another
START, DAYS = 852_076_800, 200  # from 1997-01-01
VISITS = (2, 8)  # of each person, an hour long
PAUSE = 20.0  # days between visits, on average
FASHION, LASTS = 12.0, 20.0  # how much more a film is seen when it comes up, for how many days
HOUR, DAY = 3_600, 86_400  # seconds
HEADERS = {
    "inter": {"user": "token", "film": "token", "rating": "float", "timestamp": "float"},
    "item": {"film": "token", "title": "token_seq", "year": "token", "genres": "token_seq"},
    "user": {"user": "token", "age": "token", "gender": "token", "job": "token", "zip": "token"},
}


def write_sample(folder: Path, seed: int) -> Path:
    """The sample of a seed in the format of the mirror's files; what is there stays."""
    made = folder / f"seed-{seed}"
    if not made.exists():
        made.mkdir(parents=True)
        for name, table in zip(HEADERS, generate(seed), strict=True):
            typed = table.rename(
                columns={key: f"{key}:{kind}" for key, kind in HEADERS[name].items()}
            )
            typed.to_csv(made / f"ml-100k.{name}", sep="\t", index=False, lineterminator="\n")
    return made


def generate(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Ratings, films and users; the same seed, the same rows."""
    random = np.random.default_rng(seed)
    films = _films(random)
    users = pd.DataFrame(
        {
            "user": np.arange(1, PEOPLE + 1),
            "age": random.integers(16, 70, PEOPLE),
            "gender": random.choice(["F", "M"], PEOPLE),
            "job": "invented",
            "zip": "00000",
        }
    )
    fame = random.permutation(1 / np.arange(1, len(films) + 1) ** 0.5)
    comes_up = random.uniform(-2 * DAYS, DAYS, len(films))  # day on which a film is in fashion
    ratings = pd.concat([_ratings(random, user, films, fame, comes_up) for user in users.user])
    return ratings.sample(frac=1, random_state=seed), films, users


def _films(random: Generator) -> pd.DataFrame:
    genres = np.repeat(GENRES, FILMS_PER_GENRE)
    titles = [
        f"Invented {genre} {number % FILMS_PER_GENRE + 1}" for number, genre in enumerate(genres)
    ]
    years = random.integers(1960, 1998, len(genres)).astype(str)
    titles[-1], years[-1] = titles[0], years[0]  # one film listed twice, as in the real data
    return pd.DataFrame(
        {"film": np.arange(1, len(genres) + 1), "title": titles, "year": years, "genres": genres}
    )


def _ratings(
    random: Generator, user: int, films: pd.DataFrame, fame: np.ndarray, comes_up: np.ndarray
) -> pd.DataFrame:
    favourites = random.choice(GENRES, 2, replace=False)
    liking = fame * np.where(films.genres.isin(favourites), TASTE, 1)
    day, rows = random.uniform(0, DAYS), []
    for _ in range(random.integers(*VISITS)):
        age = day - comes_up
        wanted = liking * (1 + FASHION * (age >= 0) * np.exp(-np.maximum(age, 0) / LASTS))
        wanted[[film - 1 for film, _ in rows]] = 0
        count = random.integers(*PER_VISIT)
        met = random.choice(films.film, count, replace=False, p=wanted / wanted.sum())
        start = START + int(day * DAY)
        rows += zip(met, np.sort(start + random.integers(0, HOUR, count)), strict=True)
        day += random.exponential(PAUSE)
        if day > DAYS:
            break
    table = pd.DataFrame(rows, columns=["film", "timestamp"])
    table = table.assign(user=user, rating=random.integers(1, 6, len(table)))
    return table[["user", "film", "rating", "timestamp"]]
