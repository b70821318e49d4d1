import numpy as np
import pandas as pd
import pytest

from project_package import data, train
from project_package.kit.workspace import Workspace

PLAIN = b"Subject: =?iso-8859-1?q?Caf=E9?=\nContent-Type: text/plain\n\nMeet me at noon.\n"
LONGEST = 10_000
SETTINGS = {"longest_body": LONGEST, "opening_words": 40, "copy_overlap": 0.7, "topic_words": 2}
ENCODED = (
    b"Subject: Hi\nContent-Type: text/plain; charset=utf-8\n"
    b"Content-Transfer-Encoding: base64\n\nR3LDvMOfZQ==\n"
)
HTML = (
    b"Subject: Offer\nContent-Type: text/html\n\n"
    b"<html><style>p{}</style><script>x()</script><p>Buy&nbsp;<b>now</b></p></html>\n"
)


def rows(workspace: Workspace) -> pd.DataFrame:
    parts = [
        pd.read_json(workspace.processed / f"{name}.jsonl", lines=True, dtype=False).assign(
            part=name
        )
        for name in data.PARTS
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("raw", "subject", "body", "html"),
    [
        (PLAIN, "Café", "Meet me at noon.", False),
        (ENCODED, "Hi", "Grüße", False),
        (HTML, "Offer", "Buy now", True),
    ],
)
def test_mails_are_decoded(raw: bytes, subject: str, body: str, html: bool) -> None:
    mail = data.read_mail(raw)
    assert mail["subject"] == subject
    assert " ".join(str(mail["body"]).split()) == body
    assert mail["html"] is html


@pytest.mark.parametrize("charset", ["no-such-charset", "utf-8", "ascii"])
def test_a_wrong_character_set_loses_no_mail(charset: str) -> None:
    raw = f"Content-Type: text/plain; charset={charset}\n\n".encode() + b"caf\xe9"
    assert "caf" in str(data.read_mail(raw)["body"])


def test_the_table_has_its_columns_and_both_classes(prepared: Workspace) -> None:
    mails = rows(prepared)
    assert set(mails.columns) >= {
        "id",
        "spam",
        "subject",
        "body",
        "html",
        "date",
        "thread_ids",
        "group",
    }
    assert mails.id.is_unique
    assert not mails[["subject", "body"]].isna().any().any()
    assert set(mails.spam.unique()) == {0, 1}
    assert (mails.groupby("part").spam.mean() - mails.spam.mean()).abs().max() < 0.08


def test_the_folder_of_a_mail_is_its_only_label(prepared: Workspace) -> None:
    mails = rows(prepared)
    assert (mails.spam == mails.id.str.startswith("spam").astype(int)).all()


def test_headers_are_not_part_of_the_text(prepared: Workspace) -> None:
    mails = data.load(prepared, "train", reader="train")
    with_headers = mails.text.str.contains("MIME-Version:|^From: |Received:", regex=True)
    assert with_headers.mean() < 0.05, "a broken mail may hold some, but not the others"


FOOTER = (
    "\n\n-------------------------------------------------------\n"
    "This sf.net email is sponsored by:ThinkGeek\nWelcome to geek heaven.\n"
    "_______________________________________________\n"
    "Spamassassin-Sightings mailing list\nSpamassassin-Sightings@lists.sourceforge.net\n"
    "https://lists.sourceforge.net/lists/listinfo/spamassassin-sightings"
)


@pytest.mark.parametrize(
    "footer",
    [
        FOOTER,
        FOOTER.replace("\n", "\n> "),
        "\n\n-- \nIrish Linux Users' Group: ilug@linux.ie\nhttp://www.linux.ie/mailman/listinfo/ilug",
        "\nhttp://xent.com/mailman/listinfo/fork",
        "\n\n--DeathToSpamDeathToSpamDeathToSpam--\n",
    ],
)
def test_what_a_list_adds_to_every_mail_is_not_part_of_the_text(footer: str) -> None:
    text = data.compose("Re: [ILUG] Lunch", f"See you at noon.\n\nAnn{footer}", LONGEST)
    assert [line for line in text.split("\n") if line.strip(" >")] == [
        "Re: Lunch", "See you at noon.", "Ann"
    ]  # fmt: skip


def test_a_signature_that_names_no_list_stays() -> None:
    text = data.compose("Hi", "Text\n-- \nAnn Example\nLondon", LONGEST)
    assert text.endswith("Ann Example\nLondon")


def test_no_thread_and_no_copy_crosses_the_split(prepared: Workspace) -> None:
    """Asked of the sealed parts by other means: sets of trigrams, and thread ids as they stand."""
    mails, overlap = rows(prepared), prepared.config["data"]["copy_overlap"]
    spread = mails.groupby("group").part.nunique()
    assert mails.group.duplicated().any(), "the sample should hold mails that belong together"
    assert spread.max() == 1
    by_thread = (
        mails.explode("thread_ids").dropna(subset="thread_ids").groupby("thread_ids").part.nunique()
    )
    assert by_thread.max() == 1
    texts = mails.subject + "\n" + [data.compose("", body, LONGEST) for body in mails.body]
    trigrams = [trigrams_of(data.normalise(text)) for text in texts]
    parts = mails.part.to_numpy()
    for test_row in np.flatnonzero(parts == "test"):
        for row in np.flatnonzero(parts == "train"):
            assert jaccard(trigrams[test_row], trigrams[row]) < overlap


def trigrams_of(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return set(zip(words, words[1:], words[2:], strict=False))


def jaccard(one: set, other: set) -> float:
    return len(one & other) / max(len(one | other), 1)


def test_no_group_stands_on_both_sides_of_a_fold(prepared: Workspace) -> None:
    mails = data.load(prepared, "train", reader="train")
    for fit, unseen in train.grouped_folds(mails, 3, seed=0):
        assert set(mails.group.iloc[fit]).isdisjoint(mails.group.iloc[unseen])


WORDS = " ".join(f"word{'abcdefghij'[i % 10] * (i // 10 + 1)}" for i in range(60))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (("Offer", WORDS + " Best, Ann", []), ("RE: Offer 123", WORDS + " Bob 0123", []), True),
        (("Offer", "Hello Ann " + WORDS, []), ("Gift", "Dear Bob " + WORDS, []), True),
        (("Lunch", "At noon?", ["<1@a>"]), ("Re: Lunch", "Fine.", ["<2@a>", "<1@a>"]), True),
        (("Lunch at noon", "Where?", []), ("Re: [x] Lunch at noon (fwd)", "Here.", []), True),
        (("Hello", "At noon?", []), ("Re: Hello", "Fine.", []), False),
        (("Lunch at noon", "Where?", ["<1@a>"]), ("Supper", "Here.", ["<2@a>"]), False),
    ],
)
def test_threads_and_copies_are_found(one: tuple, other: tuple, together: bool) -> None:
    mails = pd.DataFrame([one, other], columns=["subject", "body", "thread_ids"])
    groups = data.find_relatives(mails, SETTINGS)
    assert bool(groups[0] == groups[1]) is together


def test_every_kind_of_tie_holds_through_a_third_mail() -> None:
    """A near copy of a reply's original belongs to its thread, in whatever order they come."""
    words = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(200)]
    near = " ".join([*words[:100], "other", *words[101:]])
    mails = [
        ("Offer one", "Dear Ann " + " ".join(words), ["<1@a>"]),
        ("Gift two", "Hello Bob " + near, []),
        ("Quite else", "Short.", ["<9@a>", "<1@a>"]),
        ("Nobody's", " ".join(reversed(words)), ["<7@a>"]),
    ]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]):
        table = pd.DataFrame(
            [mails[row] for row in order], columns=["subject", "body", "thread_ids"]
        )
        groups = dict(zip(order, data.find_relatives(table, SETTINGS), strict=True))
        assert groups[0] == groups[1] == groups[2] != groups[3]


def test_near_copies_are_all_pairs_that_overlap_enough() -> None:
    random = np.random.default_rng(0)
    vocabulary = [f"{a}{b}" for a in "abcdefgh" for b in "klmnopqr"]
    texts = []
    for _ in range(12):
        words = list(random.choice(vocabulary, 60))
        texts += [" ".join([*words[:cut], "new", *words[cut:]]) for cut in (60, 55, 30)]
        texts.append(" ".join(words[:35]))
    found = {tuple(sorted(pair)) for pair in data.near_copies(texts, 0.7)}
    sets = [trigrams_of(text) for text in texts]
    expected = {
        (one, other)
        for one in range(len(texts))
        for other in range(one + 1, len(texts))
        if jaccard(sets[one], sets[other]) >= 0.7
    }
    assert found == expected
    assert expected
