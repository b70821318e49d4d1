"""For which kinds of customers is it wrong?"""

import pandas as pd

from .. import model
from ..evaluate import Evaluated
from ..kit.results import EACH_ALONE, Study, slices_table
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The order within each kind of customer: what is easy between kinds is hard within one."""
    customers = evaluated.customers
    table = slices_table(
        f"Normalised Gini among customers of one kind. {EACH_ALONE}",
        ["kind", "n", "normalised Gini"],
        kinds(customers),
        customers[["spend", "model"]],
        customers.customer,
        workspace.seed,
        lambda pairs: model.normalised_gini(*pairs.T),
    )
    return Study(
        title="For which kinds of customers is it wrong?",
        text="The same metric among customers of one kind only: a good order of all of them may "
        "rest on what is plain, that who came often comes again.",
        tables={"slices": table},
    )


def kinds(customers: pd.DataFrame) -> dict[str, pd.Series]:
    """Which customers belong to a kind; one may belong to several."""
    return {
        "ordered once": customers.frequency == 1,
        "ordered twice or three times": customers.frequency.between(2, 3),
        "ordered more often": customers.frequency > 3,
        "last order within 30 days": customers.recency <= 30,
        "silent for 31 to 120 days": customers.recency.between(31, 120),
        "silent for longer": customers.recency > 120,
    }
