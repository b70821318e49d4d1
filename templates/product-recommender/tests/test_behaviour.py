"""What a visitor expects of any recommender (after Ribeiro et al., CheckList, 2020)."""

import pytest

from project_package.kit.workspace import ProjectError, Workspace
from project_package.predict import FilmRecommender, plain, run


@pytest.fixture(scope="module")
def recommender(trained: Workspace) -> FilmRecommender:
    return FilmRecommender.load(trained)


def numbers(recommender: FilmRecommender, query: str, length: int = 5) -> list[int]:
    return [film.film for film in recommender.search(query, length)]


def test_picking_a_kind_of_film_brings_more_of_that_kind(recommender) -> None:
    """Over all kinds: what is in fashion now may hide the taste for one of them."""

    def share(wanted: str, picked: str) -> float:
        found = recommender.recommend(numbers(recommender, picked, 8), 15)
        return sum(wanted in item.film.title.lower() for item in found) / 15

    kinds = ("action", "comedy", "drama", "horror", "romance", "sci-fi")
    own = sum(share(kind, kind) for kind in kinds)
    others = sum(share(kind, other) for kind in kinds for other in kinds if kind != other)
    assert own > 1.2 * others / (len(kinds) - 1)


def test_a_picked_film_is_not_recommended(recommender) -> None:
    liked = numbers(recommender, "drama")
    assert set(liked).isdisjoint(item.film.film for item in recommender.recommend(liked, 50))


def test_neither_order_nor_repetition_of_the_picks_matters(recommender) -> None:
    liked = numbers(recommender, "drama")
    expected = [item.film for item in recommender.recommend(liked)]
    assert [item.film for item in recommender.recommend(liked[::-1])] == expected
    assert [item.film for item in recommender.recommend(liked * 3)] == expected


def test_the_reasons_are_picked_films_and_their_shares_at_most_one(recommender) -> None:
    liked = numbers(recommender, "horror")
    for item in recommender.recommend(liked):
        assert {reason.film for reason in item.because} <= set(liked)
        assert 0 <= sum(reason.share for reason in item.because) <= 1 + 1e-9
        shares = [reason.share for reason in item.because]
        assert shares == sorted(shares, reverse=True)


def test_the_strongest_comes_first(recommender) -> None:
    strengths = [item.strength for item in recommender.recommend(numbers(recommender, "drama"))]
    assert strengths[0] == pytest.approx(1)
    assert strengths == sorted(strengths, reverse=True)


def test_the_whole_catalogue_can_be_picked_but_one(recommender) -> None:
    everything = list(recommender.saved.films.film)
    (left,) = recommender.recommend(everything[1:])
    assert left.film.film == everything[0]


@pytest.mark.parametrize(
    ("title", "plainly"),
    [("Amélie", "amelie"), ("L.A. Confidential", "la confidential"), ("Se7en!", "se7en")],
)
def test_accents_case_and_points_do_not_matter_in_a_search(title: str, plainly: str) -> None:
    assert plain(title) == plainly


@pytest.mark.parametrize("query", ["invented sci-fi 7", "FI 7 inv", "sci fi 7"])
def test_the_words_of_a_title_find_it_in_any_order(recommender, query: str) -> None:
    assert recommender.search(query)[0].title == "Invented Sci-Fi 7"


def test_an_empty_search_gives_what_most_people_know(recommender) -> None:
    known_by = [film.known_by for film in recommender.search("", 20)]
    assert known_by == sorted(known_by, reverse=True)


def test_a_title_nobody_knows_is_a_clear_error(trained: Workspace) -> None:
    with pytest.raises(ProjectError, match="no film in the catalogue is called 'Nonesuch'"):
        run(trained, ["Nonesuch"])


def test_titles_on_the_command_line_give_one_line_a_film(trained: Workspace, capsys) -> None:
    run(trained, ["Invented Horror 3", "Invented Horror 4"])
    assert len(capsys.readouterr().out.splitlines()) == 10
