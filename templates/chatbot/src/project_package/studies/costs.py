"""What would another cost change?"""

from .. import data, model
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """For each price the threshold that the validation part gives, and what it does on the test."""
    validation = data.load(workspace, "validation", reader="evaluate")
    judged = evaluated.assistant.judge(list(validation.text))
    queries, rows = evaluated.queries, []
    for cost in workspace.config["evaluate"]["out_costs"]:
        threshold = model.cheapest_threshold(judged, validation.label, cost)
        said = evaluated.judged.answered(threshold)
        sides = (
            bootstrap(metric, queries.label, said, groups=queries.group, seed=workspace.seed)
            for metric in (model.in_scope_accuracy, model.out_of_scope_recall)
        )
        rows.append([f"{cost:g}", threshold, *sides])
    outside = int((validation.label == data.NOWHERE).sum())
    return Study(
        title="What would another cost change?",
        text="The same model; only the price of an answer to what is out of scope differs, and "
        "with it the threshold.",
        tables={
            "costs": Table(
                f"Thresholds from the validation part, which holds {outside} queries out of scope.",
                ["price", "threshold", "in-scope accuracy", "out-of-scope recall"],
                rows,
            )
        },
    )
