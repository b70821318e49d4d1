"""The central functions alone, against what anybody can work out on paper."""

import math

import numpy as np
import pytest
from sacrebleu import corpus_bleu, corpus_chrf, sentence_chrf

from project_package import baselines, fit, scores, search, subwords, writer
from project_package.kit.statistics import bleu

SAID = ["Ein Hund läuft im Schnee.", "Zwei Männer, die (nicht) warten", "x", "Ja!"]
TRUE = ["Ein Hund rennt im Schnee.", "Zwei Männer warten, oder nicht?", "Etwas ganz anderes", "Ja!"]


def test_bleu_is_that_of_sacrebleu() -> None:
    counts = scores.bleu_counts(SAID, TRUE)
    assert counts[0].tolist() == [6, 6, 5, 3, 1, 0]
    assert bleu(counts, counts) == pytest.approx(corpus_bleu(SAID, [TRUE]).score)
    assert scores.written(counts)[0] == "6 6 5 3 1 0"
    one = scores.bleu_counts(["Hund"], ["Ein Hund"])
    assert bleu(one, one) == pytest.approx(corpus_bleu(["Hund"], [["Ein Hund"]]).score, abs=1e-9)


def test_chrf_is_that_of_sacrebleu() -> None:
    assert scores.chrf(scores.chrf_counts(SAID, TRUE)) == pytest.approx(
        corpus_chrf(SAID, [TRUE]).score
    )
    alone = scores.sentence_chrf(SAID, TRUE)
    expected = [sentence_chrf(one, [other]).score for one, other in zip(SAID, TRUE, strict=True)]
    assert alone == pytest.approx(expected)
    assert scores.sentence_chrf([""], ["Etwas"]).tolist() == [0.0]


def test_chrf_counts_recall_four_times_as_much_as_precision() -> None:
    """Of "ab" said for "abab": letters 2 of 2 and 2 of 4, pairs 1 of 1 and 1 of 3."""
    precision, recall = 1.0, (2 / 4 + 1 / 3) / 2
    counts = scores.chrf_counts(["ab"], ["ab ab"])
    assert scores.chrf(counts) == pytest.approx(
        100 * 5 * precision * recall / (4 * precision + recall)
    )


def test_a_text_in_words_can_be_put_together_again() -> None:
    text = "Ein Hund läuft, (nicht 2.5) über's ▁ Gras!"
    words = subwords.split_words(text)
    assert words[:4] == ["▁Ein", "▁Hund", "▁läuft", ","]
    assert "".join(words) == "▁" + text.replace("▁", "_").replace(" ", "▁")
    assert subwords.tidy(" a\u0308\tb\n") == "ä b"


def test_the_most_frequent_pair_is_joined_first() -> None:
    """In aab and ab the pair ab stands three times, ▁a three times too, and ▁a sorts last."""
    learned = subwords.learn(["aab ab", "ab"], size=100, least=1)
    assert list(learned.letters) == ["a", "b", "▁"]
    assert learned.merges[0] == ("a", "b")
    assert learned.merges[1] == ("▁", "ab")
    assert learned.encode("ab") == [learned.numbers["▁ab"]]
    assert len(learned.merges) == 2, "what occurs once is not joined"


def test_pairs_are_joined_in_the_order_in_which_they_were_learned() -> None:
    pieces = subwords.Subwords(["a", "b", "c", "▁"], [("b", "c"), ("a", "b"), ("a", "bc")])
    assert [pieces.pieces[number] for number in pieces.encode("abc")] == ["▁", "abc"]
    assert subwords.join(list("aaaa"), ("a", "a")) == ["aa", "aa"]
    assert subwords.join(list("aaa"), ("a", "a")) == ["aa", "a"]


def test_letters_that_are_rare_are_unknown_and_left_out_of_a_text() -> None:
    learned = subwords.learn(["ab ab ab ñ"], size=50, least=2)
    numbers = learned.encode("ab ñ")
    assert numbers[-1] == subwords.UNKNOWN
    assert learned.decode(numbers) == "ab"
    assert learned.decode([subwords.START, *learned.encode("ab ab"), subwords.END]) == "ab ab"


def test_the_vocabulary_has_its_size() -> None:
    texts = ["the cat sat on the mat", "the cats sit on mats"] * 3
    assert len(subwords.learn(texts, size=25, least=1).pieces) == 25


class Fixed:
    """Says the same of every text: a table of log probabilities by the last piece."""

    def __init__(self, table: dict[int, list[float]]) -> None:
        self.table = {piece: np.log(row) for piece, row in table.items()}
        self.asked: list[list[int]] = []

    def advance(self, parents, pieces):
        self.asked.append(list(parents))
        return np.stack([self.table[piece] for piece in pieces]), np.zeros((len(pieces), 1))


TABLE = {  # pieces 2 is END; 4, 5, 6 are words. 4 looks best at first, 5 in the end
    1: [1e-9, 1e-9, 0.02, 1e-9, 0.55, 0.4, 0.03],
    4: [1e-9, 1e-9, 0.3, 1e-9, 0.2, 0.2, 0.3],
    5: [1e-9, 1e-9, 0.9, 1e-9, 0.04, 0.03, 0.03],
    6: [1e-9, 1e-9, 0.8, 1e-9, 0.1, 0.05, 0.05],
}


def test_a_search_of_one_takes_the_likeliest_piece_each_time() -> None:
    found = search.search(Fixed({**TABLE, 4: [1e-9, 1e-9, 0.4, 1e-9, 0.2, 0.2, 0.2]}), 1, 9, 0.0)
    assert found[0].pieces == [4, 2]
    assert found[0].total == pytest.approx(math.log(0.55 * 0.4))


def test_a_wider_search_finds_what_is_likelier_in_the_end() -> None:
    found = search.search(Fixed(TABLE), 2, 9, 0.0)
    assert found[0].pieces == [5, 2]
    assert found[0].total == pytest.approx(math.log(0.4 * 0.9))
    assert found[0].total > found[1].total


def test_an_end_below_the_beam_is_no_candidate() -> None:
    """At first END is third: a beam of two goes on without it."""
    table = {**TABLE, 1: [1e-9, 1e-9, 0.1, 1e-9, 0.5, 0.4, 1e-9]}
    assert [2] not in [each.pieces for each in search.search(Fixed(table), 2, 9, 0.0)]


def test_a_search_stops_at_its_longest() -> None:
    endless = {piece: [1e-9, 1e-9, 1e-8, 1e-9, 0.5, 0.3, 0.2] for piece in (1, 4, 5, 6)}
    found = search.search(Fixed(endless), 2, 7, 1.0)
    assert len(found[0].pieces) == 7
    assert found[0].pieces[:3] == [4, 4, 4]


def test_the_penalty_of_length_is_that_of_the_formula() -> None:
    found = search.Found([4, 5, 2], -3.0, [])
    assert found.score(0.0) == -3.0
    assert found.score(1.0) == pytest.approx(-3.0 * 6 / 8)
    longer = search.Found([4, 5, 6, 4, 5, 2], -3.2, [])
    assert found.score(0.0) > longer.score(0.0)
    assert found.score(1.0) < longer.score(1.0)


def test_the_decoder_goes_on_with_the_texts_that_were_kept() -> None:
    fixed = Fixed(TABLE)
    search.search(fixed, 2, 3, 0.0)
    assert fixed.asked[0] == [0]
    assert all(set(parents) <= {0, 1} for parents in fixed.asked[1:])


def test_attention_is_a_mean_of_values_weighed_by_likeness() -> None:
    """One head of two numbers: a likeness of ln 3 · √2 / √2 gives three quarters."""
    own = writer.Writer.__new__(writer.Writer)
    own.heads, own.width = 1, 2
    asks = np.array([[math.log(3) * math.sqrt(2), 0.0]])
    keys, values = np.array([[[1.0, 5.0], [0.0, -7.0]]]), np.array([[[4.0, 0.0], [0.0, 8.0]]])
    found, where = own._attend(asks, keys, values)
    assert where == pytest.approx(np.array([[0.75, 0.25]]))
    assert found == pytest.approx(np.array([[3.0, 2.0]]))
    own.heads, own.width = 2, 4
    found, where = own._attend(np.zeros((2, 4)), np.zeros((1, 5, 4)), np.ones((1, 5, 4)))
    assert (found.shape, where.shape) == ((2, 4), (2, 5))
    assert where == pytest.approx(0.2)


def test_batches_hold_every_row_once_and_not_too_many_pieces() -> None:
    random = np.random.default_rng(0)
    source = [[1] * int(many) for many in random.integers(2, 30, 200)]
    target = [[1] * int(many) for many in random.integers(2, 30, 200)]
    found = fit.batches(source, target, 90, np.random.default_rng(1))
    assert sorted(row for rows in found for row in rows) == list(range(200))
    for rows in found:
        longest = max(max(len(source[row]), len(target[row])) for row in rows)
        assert longest * len(rows) <= 90
    spread = [np.ptp([max(len(source[row]), len(target[row])) for row in rows]) for rows in found]
    assert np.mean(spread) < 5, "sentences of one batch are of similar length"
    assert len(found) < 200 * 25 / 60
    again = fit.batches(source, target, 90, np.random.default_rng(2))
    assert found != again


def test_a_sentence_longer_than_a_batch_is_one_by_itself() -> None:
    found = fit.batches([[1] * 50, [1]], [[1], [1]], 10, np.random.default_rng(0))
    assert sorted(found) == [[0], [1]]


def test_the_rate_rises_and_falls_along_a_cosine() -> None:
    settings = {"peak_rate": 2.0, "warm_up": 0.2}
    expected = {0.0: 0.0, 0.1: 1.0, 0.2: 2.0, 0.6: 1.0, 1.0: 0.0}
    for progress, value in expected.items():
        assert fit.rate(progress, settings) == pytest.approx(value, abs=1e-12)


def test_memory_gives_the_translation_of_the_nearest_sentence() -> None:
    english = ["a dog runs in the snow", "two cats sleep", "a man waits"]
    for analyser in baselines.ANALYSERS:
        say = baselines.memory(english, ["Hund", "Katzen", "Mann"], analyser)
        assert say(["two cats", "the man waits", "dogs in the snow"]) == ["Katzen", "Mann", "Hund"]


def test_a_dictionary_learns_what_stands_for_what() -> None:
    """The textbook's three pairs: das is the, though Haus is met as often beside it."""
    english = ["the house", "the book", "a book"]
    learned = baselines.Dictionary.learn(english, ["das Haus", "das Buch", "ein Buch"], 10)
    german = {one.strip("▁"): other.strip("▁") for one, other in learned.german.items()}
    assert german == {"the": "das", "house": "Haus", "book": "Buch", "a": "ein"}
    assert learned.translate(["A house, the unknown"]) == ["Ein Haus, das unknown"]


def test_one_round_of_counting_is_the_textbooks() -> None:
    """After one round the chances are counts over words of the sentence and of none."""
    learned = baselines.Dictionary.learn(["a b", "a"], ["x y", "x"], 1)
    german = {one.strip("▁"): other.strip("▁") for one, other in learned.german.items()}
    assert german == {"a": "x", "b": "x"}, "alike: the word that was met first"
