import pandas as pd
import pytest

from project_package import data
from project_package.workspace import Workspace

PLAIN = b"Subject: =?iso-8859-1?q?Caf=E9?=\nContent-Type: text/plain\n\nMeet me at noon.\n"
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
        "folder",
        "spam",
        "subject",
        "body",
        "html",
        "date",
        "group",
    }
    assert mails.id.is_unique
    assert not mails[["subject", "body"]].isna().any().any()
    assert set(mails.spam.unique()) == {0, 1}
    assert (mails.groupby("part").spam.mean() - mails.spam.mean()).abs().max() < 0.05


def test_headers_are_not_part_of_the_text(prepared: Workspace) -> None:
    mails = data.load(prepared, "train", reader="train")
    assert not mails.text.str.contains("Content-Transfer-Encoding:").any()


def test_no_copy_crosses_the_split(prepared: Workspace) -> None:
    mails = rows(prepared)
    groups = data.find_copies(mails)
    assert pd.Series(groups).value_counts().max() > 1, "the sample should hold copies"
    parts_of_a_group = mails.groupby(groups).part.nunique()
    assert parts_of_a_group.max() == 1


def test_copies_are_found_whatever_their_signature_and_greeting() -> None:
    body = " ".join(f"word{'abcdefghij'[i % 10] * (i // 10 + 1)}" for i in range(60))
    mails = pd.DataFrame(
        {
            "subject": ["Offer", "RE: Offer 123", "Lunch"],
            "body": [body + " Best, Ann", body + " Yours, Bob 0123", "See you at noon"],
        }
    )
    groups = data.find_copies(mails)
    assert groups[0] == groups[1] != groups[2]
