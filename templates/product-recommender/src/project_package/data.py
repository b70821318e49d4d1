"""The ratings: download, read either format, merge films listed twice, split.

The publisher's archive and the mirror's files are written differently and hold the same tables;
`CONTENT_SHA256` is the hash of those tables, whichever source served.
"""

import hashlib
import io
import re
import zipfile
from dataclasses import astuple, dataclass
from pathlib import Path

import pandas as pd

from .kit import holdout
from .kit.holdout import Ledger
from .kit.sample import write_sample
from .kit.sources import PythonPackage, WebSource, fetch_first
from .kit.workspace import ManifestError, Workspace
from .model import Interactions
from .protocols import periods_of

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
PARTS = ("train", "test")
CONTENT_SHA256 = "03748bcacb7bba8120e8a26abae26b40278ff8b5101389c12026b846abb1bea0"
GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary",
    "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi",
    "Thriller", "War", "Western",
)  # fmt: skip
NO_TITLE = "unknown"
UNTITLED, DOUBLE = "of a film without a title", "second rating of a film listed twice"
TITLE_AND_YEAR = re.compile(r"(?P<title>.*?)\s*\((?P<year>\d{4})\)(?: \(V\))?\s*")
ARTICLES = "The|An?|L[aeo]s?|L'|Il|El|Der|Die|Das|Det|Une?"
TRAILING_ARTICLE = re.compile(rf"(^|\()([^()]+), ({ARTICLES})(?=$|\)| \()")


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
    )  # fmt: skip
    print(
        f"{len(tables.ratings):,} ratings of {len(tables.films):,} films by {len(tables.users):,} "
        f"people ({source})"
    )


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part: id, user, film, rating, timestamp, period (from 0, of equally many ratings)."""
    return pd.read_csv(holdout.open_part(workspace, part, reader))


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
        dtype={"year": str}, keep_default_na=False, quoting=3, encoding="utf-8",
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
