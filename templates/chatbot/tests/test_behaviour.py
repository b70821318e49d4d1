"""What a visitor expects of any assistant, whatever its score (Ribeiro et al., CheckList, 2020)."""

import pytest

from project_package.kit.workspace import Workspace
from project_package.predict import Assistant

WISHES = {
    "freeze my savings account": "freeze_account",
    "book my hotel": "book_hotel",
    "set an alarm for my work": "alarm",
}


@pytest.fixture(scope="module")
def assistant(trained: Workspace) -> Assistant:
    return Assistant.load(trained)


@pytest.mark.parametrize(("wish", "intent"), list(WISHES.items()))
@pytest.mark.parametrize("frame", ["{}", "please {}", "can you {}", "{} please", "{}!", "  {}  "])
def test_politeness_and_signs_do_not_change_the_wish(assistant, wish, intent, frame) -> None:
    assert assistant.understand(frame.format(wish)).guesses[0][0] == intent


@pytest.mark.parametrize("wish", list(WISHES))
def test_capitals_change_nothing(assistant, wish) -> None:
    plain, loud = assistant.understand(wish), assistant.understand(wish.upper())
    assert plain == loud


def test_a_typing_error_costs_something_but_not_the_wish(assistant) -> None:
    plain, mistyped = (
        assistant.understand(text) for text in ("freeze my savings", "freze my savings")
    )
    assert plain.guesses[0][0] == mistyped.guesses[0][0] == "freeze_account"
    assert mistyped.score < plain.score


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "🙂" * 50, "a" * 10_000, "<b>", "日本語", "qzx vkj", "?!" * 5_000]
)
def test_what_holds_no_known_word_is_not_answered(assistant, text) -> None:
    understood = assistant.understand(text)
    assert understood.intent is None
    assert understood.score < understood.threshold


def test_a_text_alone_and_in_company_is_judged_alike(assistant) -> None:
    texts = [*WISHES, "who painted my piano"]
    together = assistant.judge(texts)
    for place, text in enumerate(texts):
        alone = assistant.understand(text)
        assert alone.score == pytest.approx(together.score[place])
        assert assistant.by_name[alone.guesses[0][0]] == together.label[place]


def test_html_is_said_back_as_it_was_never_run(assistant) -> None:
    """Replies hold what answers.toml says and slots of known form, nothing else."""
    turn = assistant.talk(["<script>alert(1)</script> freeze my account"])
    assert "<" not in turn.state.reply
