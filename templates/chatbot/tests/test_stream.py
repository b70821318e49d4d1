from project_package import data, stream
from project_package.kit.workspace import Workspace


def test_a_replay_reads_no_test_set_and_no_mail_of_the_past(without_test: Workspace) -> None:
    replayed = stream.replay(without_test)
    day = without_test.config["evaluate"]["later_from"]
    mails = data.load(without_test, "train", reader="simulate")
    assert replayed.times == sorted(replayed.times)
    assert min(replayed.times) >= day
    assert len(replayed.later) == len(replayed.later_truths) == (mails.date >= day).sum()
    assert len(replayed.past) == len(replayed.past_truths) == (mails.date < day).sum()
