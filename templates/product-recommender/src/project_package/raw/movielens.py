"""MovieLens 100K as it is served: where from, and how either format is read.

The publisher's archive and the mirror's files are written differently and hold the same tables;
`CONTENT_SHA256` is the hash of those tables, whichever source served.
"""

import csv
import hashlib
import io
import re
import zipfile
from dataclasses import astuple, dataclass
from pathlib import Path

import pandas as pd

from ..kit.sources import PythonPackage, WebSource

ARCHIVE = "ml-100k.zip"
IN_PACKAGE = "recbole/dataset_example/ml-100k/ml-100k"
SOURCES = [
    WebSource(
        "MovieLens 100K from GroupLens",
        {
            f"https://files.grouplens.org/datasets/movielens/{ARCHIVE}": (
                "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229"
            )
        },
    ),
    PythonPackage(
        "MovieLens 100K from the Python package recbole 1.2.1",
        "recbole==1.2.1",
        {
            f"{IN_PACKAGE}.inter": (
                "4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff"
            ),
            f"{IN_PACKAGE}.item": (
                "51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532"
            ),
            f"{IN_PACKAGE}.user": (
                "4f670007d9cfbeb9807e757209af1555b9bcc186bde25e767f67cb67c6dd5972"
            ),
        },
    ),
]
CONTENT_SHA256 = "03748bcacb7bba8120e8a26abae26b40278ff8b5101389c12026b846abb1bea0"
GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary",
    "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi",
    "Thriller", "War", "Western",
)  # fmt: skip
NO_TITLE = "unknown"
TITLE_AND_YEAR = re.compile(r"(?P<title>.*?)\s*\((?P<year>\d{4})\)(?: \(V\))?\s*")


@dataclass(frozen=True)
class Tables:
    """The data as three tables.

    ratings: id (line in the source), user, film, rating, timestamp
    films: film, title, year ("" if unknown), genres (joined by "|")
    users: user, age, gender
    """

    ratings: pd.DataFrame
    films: pd.DataFrame
    users: pd.DataFrame

    @property
    def sha256(self) -> str:
        """SHA-256 of the tables as CSV, one after the other."""
        digest = hashlib.sha256()
        for table in astuple(self):
            digest.update(table.to_csv(index=False, lineterminator="\n").encode())
        return digest.hexdigest()


def read_raw(folder: Path) -> Tables:
    """The tables, from the publisher's archive or from the mirror's files."""
    archive = folder / ARCHIVE
    return read_archive(archive) if archive.exists() else read_mirror(folder)


def read_archive(path: Path) -> Tables:
    """The publisher's format: no header, films separated by bars in Latin-1."""
    with zipfile.ZipFile(path) as archive:
        inside = {Path(name).name: archive.read(name) for name in archive.namelist()}
    ratings = pd.read_csv(
        io.BytesIO(inside["u.data"]), sep="\t", names=["user", "film", "rating", "timestamp"]
    )
    lines = [line.split("|") for line in inside["u.item"].decode("latin-1").splitlines()]
    films = pd.DataFrame(
        [
            (int(number), *title_and_year(title), genres_of(flags))
            for number, title, _, _, _, *flags in lines
        ],
        columns=["film", "title", "year", "genres"],
    )
    users = pd.read_csv(
        io.BytesIO(inside["u.user"]), sep="|", names=["user", "age", "gender", "job", "zip"]
    )
    return _tables(ratings, films, users)


def read_mirror(folder: Path) -> Tables:
    """The mirror's format: tab-separated with typed headers, title and year in two columns."""
    ratings = pd.read_csv(
        folder / "ml-100k.inter", sep="\t", header=0, names=["user", "film", "rating", "timestamp"]
    )
    listed = pd.read_csv(
        folder / "ml-100k.item", sep="\t", header=0, names=["film", "title", "year", "genres"],
        dtype={"year": str}, keep_default_na=False, quoting=csv.QUOTE_NONE, encoding="utf-8",
    )  # fmt: skip
    repaired = [_repaired(*listing) for listing in zip(listed.title, listed.year, strict=True)]
    titles, years = zip(*repaired, strict=True)
    films = listed.assign(title=titles, year=years, genres=listed.genres.str.replace(" ", "|"))
    users = pd.read_csv(
        folder / "ml-100k.user", sep="\t", header=0, names=["user", "age", "gender", "job", "zip"]
    )
    return _tables(ratings, films, users)


def _repaired(title: str, year: str) -> tuple[str, str]:
    """The mirror's converter took the last bracket for the year, and misspelt "unknown"."""
    if year.isdigit():
        return title, year
    return (NO_TITLE, "") if title == "unkonwn" else title_and_year(title)


def _tables(ratings: pd.DataFrame, films: pd.DataFrame, users: pd.DataFrame) -> Tables:
    ratings = ratings.astype("int64").rename_axis("id").reset_index()
    films = films.astype({"film": "int64"}).sort_values("film", ignore_index=True)
    users = users[["user", "age", "gender"]].sort_values("user", ignore_index=True)
    return Tables(ratings, films, users)


def title_and_year(listed: str) -> tuple[str, str]:
    """("Toy Story", "1995") from "Toy Story (1995)"; no year where none stands."""
    found = TITLE_AND_YEAR.fullmatch(listed)
    return (found["title"], found["year"]) if found else (listed.strip(), "")


def genres_of(flags: list[str]) -> str:
    """The names of the genres whose flag is set, joined by bars."""
    return "|".join(name for name, flag in zip(GENRES, flags, strict=True) if flag == "1")
