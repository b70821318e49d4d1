import pandas as pd
import pytest

from project_package import data, rouge
from project_package.kit.holdout import Ledger
from project_package.kit.workspace import Workspace, read_json
from project_package.sample import generate

LEDE = "The council of a small town voted on Sunday to keep its ferry for another ten years."


def rows(workspace: Workspace) -> pd.DataFrame:
    parts = [
        pd.read_json(workspace.processed / f"{name}.jsonl", lines=True, dtype=False).assign(
            part=name
        )
        for name in data.PARTS
    ]
    return pd.concat(parts, ignore_index=True)


def table(*texts: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "article_id": [str(number) for number in range(len(texts))],
            "article_source_link": "https://www.invented-gazette.example/1",
            "title": "A ferry stays",
            "text": texts,
        }
    )


@pytest.mark.parametrize(
    "dateline",
    [
        "",
        "MOSCOW, February 7. /TASS/. ",
        "KUMERTAU (Bashkiria), March 30. /TASS/. ",
        "Washington (CNN)",
        "Berlin, Germany --",
        "Salfit, occupied West Bank -- ",
        'WASHINGTON "?',
    ],
)
def test_a_dateline_is_not_part_of_the_first_sentence(dateline: str) -> None:
    reference, source = data.take_first_sentence(f"{dateline}{LEDE} Nobody spoke against it.")
    assert reference == LEDE
    assert source == ["Nobody spoke against it."]


@pytest.mark.parametrize(
    "opening", ["A US-led group ", "His first budget -- late -- ", "NASA says "]
)
def test_an_opening_that_only_looks_like_a_dateline_stays(opening: str) -> None:
    reference, _ = data.take_first_sentence(f"{opening}came to nothing. The rest is silence.")
    assert reference.startswith(opening.strip())


def test_articles_that_do_not_qualify_are_counted_by_reason() -> None:
    rest = " ".join(f"Sentence number {number} says little about the rest." for number in range(40))
    good = f"{LEDE} {rest}"
    ledger = Ledger(5)
    articles, _ = data.read_articles(
        table(good, good.upper(), "", f"Too short. {rest}", f"{LEDE} The end."), ledger
    )
    assert list(articles.id) == ["0"]
    reasons = [data.NO_TEXT, data.COPY, data.UNFIT, data.TOO_SHORT]
    assert [(entry["reason"], entry["dropped"]) for entry in ledger.entries] == [
        (reason, 1) for reason in reasons
    ]


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("http://www.bbc.co.uk/news/1", "bbc"),
        ("http://europe.chinadaily.com.cn/a", "chinadaily"),
        ("http://edition.cnn.com/a", "cnn"),
        ("https://www.rte.ie/news", "rte"),
        ("nonsense", "unknown"),
    ],
)
def test_the_publisher_is_read_from_the_link(link: str, name: str) -> None:
    assert data.publisher(link) == name


def test_the_parts_have_their_columns_and_every_publisher(prepared: Workspace) -> None:
    articles = rows(prepared)
    assert {"id", "publisher", "headline", "reference", "source", "group", "fold", "labels"} <= set(
        articles.columns
    )
    assert articles.id.is_unique
    assert (articles.source.map(len) == articles.labels.map(len)).all()
    assert articles.reference.str.split().str.len().between(*data.REFERENCE_WORDS).all()
    assert articles.source.str.join(" ").str.split().str.len().min() >= data.SOURCE_WORDS
    assert articles.groupby("part").publisher.nunique().nunique() == 1
    assert set(articles.fold[articles.part == "test"]) == {0}
    assert 0 not in set(articles.fold[articles.part == "train"])


def test_no_story_crosses_the_split_or_a_fold(prepared: Workspace) -> None:
    articles = rows(prepared)
    stories = pd.Series(data.find_stories(articles))
    assert stories.value_counts().max() > 1, "the sample should tell a story twice"
    assert articles.groupby(stories.to_numpy()).fold.nunique().max() == 1
    assert articles.groupby(stories.to_numpy()).part.nunique().max() == 1


def test_the_same_story_in_other_words_is_found() -> None:
    facts = "Orla Brandt of Lower Saltmarsh keeps a ferry across the bay despite losses"
    aside = "Rain fell on an empty square while accountants compared columns of figures"
    articles = pd.DataFrame(
        {
            "reference": [f"{facts}.", f"Yesterday: {facts}, says a minister.", f"{aside}."],
            "source": [[facts, "Voters agreed."], ["Two thirds agreed.", facts], [aside, aside]],
        }
    )
    stories = data.find_stories(articles)
    assert stories[0] == stories[1] != stories[2]


def test_the_reference_is_not_left_in_the_source(prepared: Workspace) -> None:
    articles = rows(prepared)
    leaked = [
        ref in " ".join(src) for ref, src in zip(articles.reference, articles.source, strict=True)
    ]
    assert not any(leaked)


def test_labels_are_the_overlap_with_the_reference(prepared: Workspace) -> None:
    article = rows(prepared).iloc[0]
    expected = [rouge.mean(article.reference, sentence) for sentence in article.source]
    assert article.labels == pytest.approx(expected, abs=1e-6)


def test_the_sample_is_invented_and_says_so(prepared: Workspace) -> None:
    manifest = read_json(prepared.manifest, made_by="data")
    assert manifest["sample"] is True
    assert manifest["source"] == "generated sample"
    assert rows(prepared).link.str.contains(r"\.example/").all()
    pd.testing.assert_frame_equal(generate(7), generate(7))
    assert not generate(7).equals(generate(8))
