"""VA: is the number valid? What happens to the rows between the file and the score."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from scaffold.checks.checkout import Checkout
from scaffold.checks.validity import faults, words
from scaffold.checks.validity.events import Story
from scaffold.checks.validity.faults import Fault
from scaffold.checks.validity.sources import Source
from scaffold.checks.verdict import PASSES, Check, NotRead, Verdict, listing

Finder = Callable[[Story, Mapping[str, Source]], Iterable[Fault]]


class Valid(Check):
    """A rule about rows; `find` names the function that reads the story for it."""

    family = "valid"
    weight = 90
    find: Finder
    misses: ClassVar[bool] = False
    """Whether it finds that something is nowhere, for which all must be read."""

    def judge(self, checkout: Checkout) -> Verdict:
        evidence = self.evidence(checkout)
        unread = checkout.code.unread
        if unread and (self.misses or not evidence):
            return NotRead(unread)
        return None if evidence is None else listing(dict.fromkeys(evidence), most=4)

    def evidence(self, checkout: Checkout) -> list[Fault] | None:
        """Every finding; None where no code that learns could be read."""
        found = checkout.code.faults
        if found is None:
            return None
        return [] if self.excused(checkout) else found[type(self).find.__name__]

    def excused(self, checkout: Checkout) -> bool:
        """Whether the author's texts make up for what the code does not show."""
        return False


class VA601(Valid):
    """What learns from rows learns after the split, from training rows alone."""

    reason = "A scaler or vectoriser that has seen the test rows hands on what it saw."
    fix = "Split first; fit in a Pipeline, which fits on the training rows of every fold."
    find = staticmethod(faults.fitted_before_the_split)


class VA602(Valid):
    """Classes are balanced after the split, in the training rows alone."""

    reason = "A copy or mixture of a test row in training makes the test a memory game."
    fix = "Resample inside an imblearn Pipeline, or after the split."
    find = staticmethod(faults.resampled_before_the_split)


class VA603(Valid):
    """Rows are augmented after the split."""

    reason = "A turned copy of a test picture in training is the test picture."
    fix = "Split the originals; augment the training part."
    find = staticmethod(faults.augmented_before_the_split)


class VA604(Valid):
    """Averages of the target are taken from training rows alone."""

    reason = "A row's own target inside its own feature is the answer, thinly disguised."
    fix = "Compute them in the training folds (sklearn's TargetEncoder does)."
    find = staticmethod(faults.target_statistics)


class VA605(Valid):
    """Cross-validation fits everything anew in each fold."""

    reason = "What was fitted once on all rows has seen the fold that is held out."
    fix = "Hand the whole Pipeline to cross_val_score or the search."
    find = staticmethod(faults.outside_the_folds)


class VA606(Valid):
    """The test set chooses nothing."""

    reason = "The best of many looks at the test set is better by luck alone."
    fix = "Choose on validation rows or in cross-validation; score the chosen one once."
    find = staticmethod(faults.chosen_on_the_test_set)


class VA607(Valid):
    """The score is of rows that the model has not seen."""

    reason = "A model can know its training rows by heart and nothing else."
    fix = "Hold rows out, or cross-validate, and report that score."
    find = staticmethod(faults.measured_on_training_rows)


class VA608(Valid):
    """The target is not among the features."""

    reason = "A model that is given the answer needs no learning."
    fix = "Drop the target's column, and whatever is computed from it, from the features."
    find = staticmethod(faults.target_among_the_features)


class VA609(Valid):
    """Rows of one person or thing stay on one side of the split."""

    proven = False
    reason = "Recognising a patient again is not diagnosing a new one."
    fix = "Split by group: GroupShuffleSplit, GroupKFold, StratifiedGroupKFold."
    find = staticmethod(faults.rows_that_belong_together)


class VA610(Valid):
    """The past is trained on, the future is tested on."""

    reason = "With neighbours in time on both sides, a forecast is an interpolation."
    fix = "Cut by date: shuffle=False or TimeSeriesSplit, with a gap as long as the window."
    find = staticmethod(faults.shuffled_time)


class VA611(Valid):
    """The split can be drawn again."""

    reason = "Another split is another number; nobody can check this one."
    fix = "Give the split a random_state."
    find = staticmethod(faults.split_without_a_seed)


class VA612(Valid):
    """The test rows are transformed as the training rows were."""

    proven = False
    reason = "Scaled by their own mean, test rows mean something else than training rows."
    fix = "Call transform on the test rows, fit_transform on the training rows only."
    find = staticmethod(faults.fitted_again_on_the_test_set)


class VA613(Valid):
    """The data were measured, not drawn at random."""

    reason = "A model of random numbers answers no question."
    fix = "Use real data; where there are none, say in the first sentence that these are simulated."
    find = staticmethod(faults.generated_rows)

    def judge(self, checkout: Checkout) -> Verdict:
        texts = [page.text for page in checkout.documents.values()]
        said = any(re.search(r"synthetic|simulat|generated data|toy|demo", t, re.I) for t in texts)
        return PASSES if said else super().judge(checkout)


class VA614(Valid):
    """Results are printed from what was measured."""

    proven = False
    reason = "A typed number outlives the model that it was measured on."
    fix = "Print the variable, or read the number from a file of results."
    find = staticmethod(faults.typed_results)


class VA615(Valid):
    """Where classes are uneven, more than accuracy is reported."""

    misses = True
    reason = "With 2 % fraud, never crying fraud is 98 % accurate."
    fix = "Report recall and precision, or average precision, beside it."
    find = staticmethod(faults.accuracy_alone)

    def excused(self, checkout: Checkout) -> bool:
        pages = (page.text for page in checkout.documents.values())
        return any(map(words.BEYOND_ACCURACY.search, pages))


class VA616(Valid):
    """A simpler model, or a rule, stands beside the model."""

    misses = True
    reason = "A number alone cannot be judged: .95 is poor where guessing gives .96."
    fix = "Score a DummyClassifier, yesterday's value or a linear model on the same rows."
    find = staticmethod(faults.no_simpler_model)

    def excused(self, checkout: Checkout) -> bool:
        pages = (page.text for page in checkout.documents.values())
        return any(map(words.BASELINE.search, (*pages, *checkout.code.prose)))


class VA617(Check):
    """A result that is next to perfect is explained."""

    family = "valid"
    weight = 85
    reason = "It is a leak far more often than a discovery, and every expert knows it."
    fix = "Look for the leak; say in a sentence what you ruled out."

    def judge(self, checkout: Checkout) -> Verdict:
        pages = {path: page.text for path, page in checkout.documents.items()}
        texts = {**pages, **checkout.code.outputs}
        if not texts:
            return None
        told = [*pages.values(), *checkout.code.prose]
        if any(words.EXPLAINED.search(text) for text in told):
            return PASSES
        found = {
            path: match[1]
            for path, text in texts.items()
            if (match := words.next_to_perfect(text))
            and "train" not in text[max(0, match[0] - 20) : match[0]].lower()
        }
        return listing(f"{path}: {' '.join(text.split())}" for path, text in found.items())


CHECKS: tuple[type[Check], ...] = (
    VA601, VA602, VA603, VA604, VA605, VA606, VA607, VA608, VA609, VA610, VA611, VA612, VA613,
    VA614, VA615, VA616, VA617,
)  # fmt: skip
