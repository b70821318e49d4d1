from project_package.dialogue import read_answers

CAME_WITH = 6  # questions of the knowledge base


def test_two_more_intents_and_a_question_are_answered() -> None:
    answers = read_answers()
    assert {"timer", "alarm"} <= set(answers["intents"])
    assert len(answers["knowledge"]) > CAME_WITH
