import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from project_package import data, explore
from project_package.kit.holdout import Ledger
from project_package.kit.sample import write_sample
from project_package.kit.workspace import Workspace, read_json
from project_package.raw import movielens

ITEMS = """1|Toy Story (1995)|01-Jan-1995||http://x|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0
2|Blue Angel, The (Blaue Engel, Der) (1930)|01-Jan-1930||http://x|0|0|0|0|0|0|0|0|1|0|0|0|0|0|0|0|0|0|0
3|Misérables, Les (1995)|01-Jan-1995||http://x|0|0|0|0|0|0|0|0|1|0|0|0|1|0|0|0|0|0|0
4|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0
5|Great Giving (1995) (V)|01-Jan-1995||http://x|0|0|0|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0
6|Toy Story (1995)|01-Jan-1995||http://x|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0
"""
MIRRORED = """item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq
1\tToy Story\t1995\tAnimation Children's Comedy
2\tBlue Angel, The (Blaue Engel, Der)\t1930\tDrama
3\tMisérables, Les\t1995\tDrama Musical
4\tunkonwn\tunkonwn\tunknown
5\tGreat Giving (1995)\tV\tAnimation Children's
6\tToy Story\t1995\tAnimation Children's Comedy
"""
RATINGS = [(1, 1, 5, 20), (1, 6, 4, 10), (1, 2, 3, 30), (2, 3, 1, 40), (2, 4, 2, 50), (2, 6, 5, 60)]
USERS = [(1, 24, "M", "writer", "85711"), (2, 53, "F", "other", "94043")]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The publisher's format, small."""
    folder = tmp_path / "published"
    folder.mkdir()
    with zipfile.ZipFile(folder / movielens.ARCHIVE, "w") as archive:
        archive.writestr("ml-100k/u.data", lines("\t", RATINGS))
        archive.writestr("ml-100k/u.item", ITEMS.encode("latin-1"))
        archive.writestr("ml-100k/u.user", lines("|", USERS))
    return folder


@pytest.fixture
def mirrored(tmp_path: Path) -> Path:
    """The mirror's format, the same rows."""
    folder = tmp_path / "mirrored"
    folder.mkdir()
    for name, text in {
        "inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        + lines("\t", RATINGS),
        "item": MIRRORED,
        "user": "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n"
        + lines("\t", USERS),
    }.items():
        (folder / f"ml-100k.{name}").write_text(text, encoding="utf-8", newline="\n")
    return folder


def lines(separator: str, rows: list[tuple]) -> str:
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


def rows(workspace: Workspace) -> pd.DataFrame:
    parts = [
        pd.read_csv(workspace.processed / f"{name}.csv").assign(part=name) for name in data.PARTS
    ]
    return pd.concat(parts, ignore_index=True)


def test_both_sources_hold_the_same_tables(published: Path, mirrored: Path) -> None:
    one, other = movielens.read_raw(published), movielens.read_raw(mirrored)
    pd.testing.assert_frame_equal(one.films, other.films)
    pd.testing.assert_frame_equal(one.ratings, other.ratings)
    pd.testing.assert_frame_equal(one.users, other.users)
    assert one.sha256 == other.sha256
    assert list(one.films.title[2:5]) == ["Misérables, Les", "unknown", "Great Giving"]
    assert list(one.films.genres[:2]) == ["Animation|Children's|Comedy", "Drama"]


def test_a_film_listed_twice_becomes_one_and_the_earlier_rating_counts(mirrored: Path) -> None:
    ledger = Ledger(len(RATINGS))
    cleaned = data.clean(movielens.read_raw(mirrored), ledger)
    assert list(cleaned.films.film) == [1, 2, 3, 5]
    of_the_first = cleaned.ratings[cleaned.ratings.user == 1]
    assert list(of_the_first.film) == [1, 2]
    assert list(of_the_first.rating) == [4, 3]
    assert set(cleaned.ratings[cleaned.ratings.user == 2].film) == {3, 1}
    assert [entry["dropped"] for entry in ledger.entries] == [1, 1]


@pytest.mark.parametrize(
    ("listed", "read"),
    [
        ("Blue Angel, The (Blaue Engel, Der)", "The Blue Angel (Der Blaue Engel)"),
        ("Star Maker, The (Uomo delle stelle, L')", "The Star Maker (L'Uomo delle stelle)"),
        ("Paris, Texas", "Paris, Texas"),
        ("Bug's Life, A", "A Bug's Life"),
    ],
)
def test_titles_are_in_reading_order(listed: str, read: str) -> None:
    assert data.in_reading_order(listed) == read


def test_the_tables_have_their_columns(prepared: Workspace) -> None:
    ratings = rows(prepared)
    assert list(ratings.columns) == [
        "id", "user", "film", "rating", "timestamp", "period", "part"
    ]  # fmt: skip
    assert ratings.id.is_unique
    assert not ratings.isna().any().any()
    assert set(ratings.film) <= set(data.load_films(prepared).film)
    assert set(ratings.user) <= set(data.load_users(prepared).user)


def test_nobody_has_the_same_film_on_both_sides_of_the_split(prepared: Workspace) -> None:
    listed = data.load_films(prepared).set_index("film")
    ratings = rows(prepared)
    title = ratings.film.map(listed.title.str.lower() + listed.year)
    assert not pd.DataFrame({"user": ratings.user, "title": title}).duplicated().any()


def test_the_sample_would_hold_a_film_listed_twice_if_it_were_not_cleaned(
    prepared: Workspace,
) -> None:
    raw = movielens.read_mirror(write_sample(prepared.sample, prepared.seed))
    assert raw.films.duplicated(["title", "year"]).any()
    cleaned = data.clean(raw, Ledger(len(raw.ratings)))
    assert not cleaned.films.duplicated(["title", "year"]).any()


def test_the_same_seed_generates_the_same_sample_and_another_does_not(tmp_path: Path) -> None:
    def tables(folder: str, seed: int) -> str:
        return movielens.read_mirror(write_sample(tmp_path / folder, seed)).sha256

    assert tables("one", 1) == tables("other", 1) != tables("one", 2)


def test_what_is_explored_is_the_training_set_alone(prepared: Workspace, tmp_path: Path) -> None:
    copy = Workspace(Path(shutil.copytree(prepared.root, tmp_path / "copy")))
    (copy.processed / "test.csv").unlink()
    explore.run(copy)
    seen = read_json(copy.reports / "exploration.json", made_by="explore")
    ratings = pd.read_csv(copy.processed / "train.csv")
    rows = seen["tables"]["explored-periods"]["rows"]
    assert [row[0] for row in rows] == [str(period) for period in range(9)]
    assert [row[2] for row in rows] == list(ratings.groupby("period").user.nunique())
    assert sum(row[3] for row in rows) == ratings.user.nunique()
    genres = seen["tables"]["explored-genres"]["rows"]
    assert sum(row[2] for row in genres) == pytest.approx(1)  # the sample's films have one each
    assert f"{len(ratings):,} ratings" in seen["notes"]["explored-sparse"]
    assert set(seen["figures"]) == {path.stem for path in copy.figures.glob("explored-*.svg")}
