"""What is being rewarded: words, pairs of words, sequences, or what they are about?"""

from ..evaluate import KINDS, RANKER, RULE, Evaluated
from ..kit.results import Score, Study
from ..kit.statistics import compared
from ..kit.workspace import Workspace


def study(_workspace: Workspace, evaluated: Evaluated) -> Study:
    """Each kind of ROUGE by itself, for the ranker beside the rule."""
    ranker, rule = (evaluated.methods[name] for name in (RANKER, RULE))
    interval = evaluated.corpus.interval
    return Study(
        title="What is being rewarded",
        text="The headline is a mean of three kinds of ROUGE. Here each stands alone, and beside "
        "them ROUGE-1 of content words, which articles, pronouns and their like cannot lift.",
        notes={
            "kinds": "The ranker minus the rule of the headline's words: "
            + "; ".join(
                f"{label} {compared(interval((ranker[kind] - rule[kind]).to_numpy()))}"
                for kind, label in KINDS.items()
            )
            + "."
        },
        scores={
            kind: Score(
                label if kind != "content" else "ROUGE-1 of content words alone",
                interval(ranker[kind].to_numpy()),
                float(rule[kind].mean()),
            )
            for kind, label in KINDS.items()
        },
    )
