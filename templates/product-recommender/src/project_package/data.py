"""The ratings: download, merge films listed twice, split.

How the files are read stands in `raw/movielens.py`.
"""

import re
from pathlib import Path

import pandas as pd

from .kit import holdout
from .kit.holdout import Ledger
from .kit.sample import write_sample
from .kit.sources import fetch_first
from .kit.workspace import ManifestError, Workspace
from .model import Interactions
from .protocols import periods_of
from .raw.movielens import CONTENT_SHA256, NO_TITLE, SOURCES, Tables, read_mirror, read_raw

PARTS = ("train", "test")
NAMES_SOMEBODY = 5  # films: hardly two people choose the same so many
UNTITLED, DOUBLE = "of a film without a title", "second rating of a film listed twice"
ARTICLES = "The|An?|L[aeo]s?|L'|Il|El|Der|Die|Das|Det|Une?"
TRAILING_ARTICLE = re.compile(rf"(^|\()([^()]+), ({ARTICLES})(?=$|\)| \()")


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write both parts, the films and people, and the manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source = "generated sample: invented people and invented films"
        raw = read_mirror(write_sample(workspace.sample, workspace.seed))
    else:
        source = fetch_first(SOURCES, workspace.raw)
        raw = read_raw(workspace.raw)
        if raw.sha256 != CONTENT_SHA256:
            raise ManifestError(
                f"the tables hash to {raw.sha256[:12]}, not to {CONTENT_SHA256[:12]}: delete "
                "data/raw and download again"
            )
    holdout.require_same_data(workspace, raw.sha256, sample)

    ledger = Ledger(len(raw.ratings), "ratings")
    tables = clean(raw, ledger)
    workspace.processed.mkdir(parents=True, exist_ok=True)
    write_table(tables.films, workspace.processed / "films.csv")
    write_table(tables.users, workspace.processed / "users.csv")
    periods = workspace.config["data"]["periods"]
    period = periods_of(tables.ratings.timestamp.to_numpy(), periods)
    rated, newest = tables.ratings.assign(period=period), period == periods - 1
    files = {}
    for name, rows in zip(PARTS, (rated[~newest], rated[newest]), strict=True):
        path = workspace.processed / f"{name}.csv"
        write_table(rows, path)
        files[name] = (path, list(rows.id.astype(str)))
    counts = count(raw, tables)
    holdout.seal(
        workspace, files, source=source, sha256=raw.sha256,
        sample=sample, counts=counts, ledger=ledger,
        test_inputs=inputs(choices(rated[~newest], rated[newest])),
    )  # fmt: skip
    print(
        f"{len(tables.ratings):,} ratings of {len(tables.films):,} films by {len(tables.users):,} "
        f"people ({source})"
    )


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part: id, user, film, rating, timestamp, period (from 0, of equally many ratings)."""
    return pd.read_csv(holdout.open_part(workspace, part, reader))


def choices(past: pd.DataFrame, future: pd.DataFrame) -> pd.DataFrame:
    """What each person of `future` chose there, and had `liked` before: lists of films."""
    truth = future.groupby("user").film.apply(list)
    liked = past.groupby("user").film.apply(list).reindex(truth.index)
    return pd.DataFrame({"liked": [each if each == each else [] for each in liked], "truth": truth})


def inputs(people: pd.DataFrame) -> list[str]:
    """What each person chose; of so few films that chance could choose them, what was liked too."""
    texts = []
    for liked, chosen in zip(people.liked, people.truth, strict=True):
        before = sorted(liked) if len(set(chosen)) < NAMES_SOMEBODY else "whatever was liked"
        texts.append(f"{before} {sorted(chosen)}")
    return texts


def load_films(workspace: Workspace) -> pd.DataFrame:
    """The catalogue: film, title, year, genres."""
    return pd.read_csv(
        workspace.processed / "films.csv", keep_default_na=False, dtype={"year": str}
    )


def load_users(workspace: Workspace) -> pd.DataFrame:
    """The people: user, age, gender."""
    return pd.read_csv(workspace.processed / "users.csv")


def index(ratings: pd.DataFrame, films: pd.DataFrame, users: pd.DataFrame) -> Interactions:
    """Ratings as row and column numbers into the tables of people and films."""
    people = pd.Index(users.user).get_indexer(ratings.user)
    columns = pd.Index(films.film).get_indexer(ratings.film)
    times, periods = ratings.timestamp.to_numpy(), ratings.period.to_numpy()
    return Interactions(people, columns, times, periods, (len(users), len(films)))


def clean(raw: Tables, ledger: Ledger) -> Tables:
    """Films under one number each, and only films with a title.

    Eighteen films are listed under two numbers (same title, same year). A person who rated both
    would have the same film in training and in test, so the lower number stands for both and the
    earlier rating counts.
    """
    named = raw.films[raw.films.title != NO_TITLE]
    number = named.groupby(["title", "year"]).film.transform("min")
    films = named[named.film == number].reset_index(drop=True)
    ratings = raw.ratings.assign(
        film=raw.ratings.film.map(dict(zip(named.film, number, strict=True)))
    )
    ratings = ratings.dropna(subset="film").astype({"film": "int64"})
    ledger.drop("films", len(ratings), UNTITLED)
    earliest = ratings.sort_values(["timestamp", "id"]).drop_duplicates(["user", "film"])
    ledger.drop("merging", len(earliest), DOUBLE)
    films = films.assign(title=films.title.map(in_reading_order))
    return Tables(earliest.sort_values("id", ignore_index=True), films, raw.users)


def in_reading_order(title: str) -> str:
    """Articles first: The Blue Angel (Der Blaue Engel), listed as Blue Angel, The (…, Der)."""
    moved = TRAILING_ARTICLE.sub(r"\1\3 \2", title)
    return moved.replace("L' ", "L'")


def count(raw: Tables, cleaned: Tables) -> dict[str, int]:
    """What the data sheet reports."""
    return {
        "ratings": len(raw.ratings),
        "users": len(raw.users),
        "films_listed": len(raw.films),
        "films": len(cleaned.films),
        "films_listed_twice": int(raw.films.duplicated(["title", "year"]).sum()),
        "films_without_a_title": int((raw.films.title == NO_TITLE).sum()),
    }


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write CSV with the same bytes on every system."""
    table.to_csv(path, index=False, lineterminator="\n")
