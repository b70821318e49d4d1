import pytest
from rouge_score.rouge_scorer import RougeScorer

from project_package import rouge, words

TEXTS = [
    "The running mayors' 3 ferries, U.S.-built in 1961, aren't lost; one was.",
    "“Crossings” happily connected universities; café naïve 40,000!",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_stems_are_those_of_the_pinned_scorer(text: str) -> None:
    theirs = RougeScorer(["rouge1"], use_stemmer=True)._tokenizer.tokenize(text)
    assert words.stems(text) == theirs


def test_scores_are_those_of_the_pinned_scorer() -> None:
    theirs = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    reference, summary = "The mayor was here for ads", "A mayor, was he for ad or vote?"
    ours = dict(zip(rouge.KINDS, rouge.by_kind(reference, summary), strict=True))
    scores = {kind: found.fmeasure for kind, found in theirs.score(reference, summary).items()}
    assert ours == pytest.approx(scores)
    assert rouge.mean(reference, summary) == pytest.approx(sum(scores.values()) / 3)


def test_function_words_do_not_count_as_content() -> None:
    pair = ("the dog of the house", "the cat of the sea")
    assert rouge.by_kind(*pair)[0] == pytest.approx(3 / 5)
    assert rouge.content(*pair) == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. Smith went to the U.S. on Jan. 5. Then he left.", 2),
        ('"I am here." She was.', 2),
        ("One line\n\nAnother one.", 2),
        ("", 0),
        (" \n\t ", 0),
        ("no stop at all", 1),
    ],
)
def test_sentences_are_found(text: str, count: int) -> None:
    assert len(words.sentences(text)) == count


@pytest.mark.parametrize(
    "text", [*TEXTS, 'He left. "Why?" Nobody knew. 🙂 Yes.\n\n"So. " It ended.']
)
def test_spans_give_back_the_text(text: str) -> None:
    spans = words.split_sentences(text)
    assert [text[start:end] for start, end in spans] == words.sentences(text)
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    gaps = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    assert not "".join(gaps).strip()


def test_an_opening_quotation_mark_goes_to_its_own_sentence() -> None:
    found = words.sentences('It ended. " Then they left. "We need more," he said.')
    assert found[-1] == '"We need more," he said.'


def test_a_summary_is_cut_at_its_length() -> None:
    assert words.cut(["one two", "three four"], 3) == "one two three"
