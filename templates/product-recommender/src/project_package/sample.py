"""A generated sample: invented people and invented films, for tests and work without a network.

The terms of the real data forbid handing on any of its rows. The people here have a taste for two
of six genres and prefer films that others have seen, so that a recommender has something to learn.
"""

import numpy as np
import pandas as pd
from numpy.random import Generator

PEOPLE = 240
GENRES = ("Action", "Comedy", "Drama", "Horror", "Romance", "Sci-Fi")
FILMS_PER_GENRE = 25
SHORTEST, LONGEST = 20, 60  # films a person met
TASTE = 8.0  # how many times likelier a film of a favourite genre is than another
START, DAYS = 852_076_800, 200  # from 1997-01-01
VISITS = 2  # of each person, an hour long
HOUR, DAY = 3_600, 86_400  # seconds


def generate(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Ratings, films and users as `data.Tables` describes them; the same seed, the same bytes."""
    random = np.random.default_rng(seed)
    films = _films(random)
    users = pd.DataFrame(
        {
            "user": np.arange(1, PEOPLE + 1),
            "age": random.integers(16, 70, PEOPLE),
            "gender": random.choice(["F", "M"], PEOPLE),
        }
    )
    fame = 1 / np.arange(1, len(films) + 1) ** 0.7
    random.shuffle(fame)
    ratings = pd.concat([_ratings(random, user, films, fame) for user in users.user])
    ratings = ratings.sample(frac=1, random_state=seed).reset_index(drop=True)
    return ratings.rename_axis("id").reset_index(), films, users


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


def _ratings(random: Generator, user: int, films: pd.DataFrame, fame: np.ndarray) -> pd.DataFrame:
    favourites = random.choice(GENRES, 2, replace=False)
    liking = fame * np.where(films.genres.isin(favourites), TASTE, 1)
    met = random.choice(
        films.film, random.integers(SHORTEST, LONGEST), replace=False, p=liking / liking.sum()
    )
    visits = START + np.sort(random.integers(0, DAYS * DAY, VISITS))
    times = random.choice(visits, len(met)) + random.integers(0, HOUR, len(met))
    ratings = random.integers(1, 6, len(met))
    return pd.DataFrame({"user": user, "film": met, "rating": ratings, "timestamp": times})
