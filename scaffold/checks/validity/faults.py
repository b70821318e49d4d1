"""Reads the story of a repository and names what makes its number invalid, with evidence.

The kinds follow Kapoor and Narayanan, "Leakage and the reproducibility crisis in
machine-learning-based science" (Patterns, 2023), and Yang et al., "Data leakage in notebooks"
(ASE 2022: overlap, preprocessing, multi-test).
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scaffold.checks.validity import columns, library, patches, words
from scaffold.checks.validity.events import (
    Chosen,
    CrossValidation,
    Fed,
    Fit,
    Invented,
    Learned,
    Measured,
    Peeked,
    Split,
    Story,
    Typed,
)
from scaffold.checks.validity.sources import Place, Source
from scaffold.checks.validity.trace import read
from scaffold.checks.validity.values import TEST, TRAIN, VALIDATION, WHOLE, Mark

TOO_HIGH = "What it learned of the test rows is in the training rows: the score is too high."
SELECTED = (
    "The features were chosen with the test rows' own labels in view: the score is too high, and "
    "by much where features are many."
)
AGAIN = (
    "Training and test rows are no longer on one scale, and a single new row could not be "
    "predicted this way."
)
MIXED = (
    "A test row's copy, or a mixture of it, stands in training: the score is too high, and the "
    "test set no longer has the classes' real shares."
)
COPIED = "The model is tested on copies of what it was trained on: the score is too high."
OWN_TARGET = "A test row's own target is part of its feature: the score is too high."
EVERY_FOLD = "Each fold is scored with knowledge of itself; put it into a pipeline."
LUCK = (
    "The best of many looks on the test set is better by luck; choose on validation rows or in "
    "cross-validation, and open the test set once."
)
REMEMBERS = "It is asked to remember, not to predict."
TOGETHER = (
    "Rows of one of them stand on both sides, and the score says nothing about a new one; split "
    "by group (GroupShuffleSplit, GroupKFold)."
)
NEIGHBOURS = (
    "The model is trained on the day before and the day after each test row; cut by date "
    "(shuffle=False, TimeSeriesSplit)."
)
ANOTHER_NUMBER = "Nobody, the author included, can get the same number again."
ALWAYS_THE_LARGER = (
    "Always naming the larger class would score well too; add recall and precision, or average "
    "precision."
)
INVENTED = "A result on invented data says nothing about the question."
TYPED = "It stays the same whatever the next run measures."
NO_RULE = "Nobody can tell how much of the number a rule of one line would reach."


@dataclass(frozen=True)
class Fault:
    """One finding: where, where the rows were split, what follows, and a patch to look at."""

    place: Place
    what: str
    consequence: str
    split: Place | None = None
    patch: str = ""

    def __str__(self) -> str:
        split = f" (the split: {self.split})" if self.split else ""
        return f"{self.place}: {self.what}{split}. {self.consequence}"


Sources = Mapping[str, Source]
NOT_LEARNERS = library.LEARNING | library.HARMLESS


def fitted_before_the_split(story: Story, sources: Sources) -> Iterator[Fault]:
    """A scaler, vectoriser, imputer, selector or reduction that learned from test rows."""
    for mark, split in _marked_at_a_split(story, {"fitted", "imputed", "selected"}):
        what = f"{mark.what} learns from all rows before they are split"
        chosen = mark.kind == "selected" or mark.what in library.SELECTORS
        patch = patches.behind(mark, split, sources)
        yield Fault(mark.place, what, SELECTED if chosen else TOO_HIGH, split, patch)
    together = "learns from training and test rows together"
    for fit in story.of(Fit):
        learning = fit.estimator.names & library.LEARNING
        if learning and fit.rows.joined and fit.rows.part == WHOLE:
            yield Fault(fit.place, f"{min(learning)} {together}", TOO_HIGH, fit.rows.joined)
    for peek in story.of(Peeked):
        yield Fault(peek.place, f"{peek.what} learns from all rows, split or not", TOO_HIGH)
    for learned in story.of(Learned):
        if learned.rows.joined and learned.rows.part == WHOLE:
            what = f"{learned.what} {together}"
            yield Fault(learned.place, what, TOO_HIGH, learned.rows.joined)


def fitted_again_on_the_test_set(story: Story, sources: Sources) -> Iterator[Fault]:
    """A transformer fitted a second time, on the test rows."""
    fits = story.of(Fit)
    trained = {name for fit in fits if fit.rows.part == TRAIN for name in fit.estimator.names}
    for fit in fits:
        again = fit.estimator.names & (library.LEARNING - library.SELECTORS) & trained
        if again and fit.rows.part in {TEST, VALIDATION}:
            what = f"{min(again)} is fitted a second time, on the {fit.rows.part} rows"
            patch = patches.transform_only(fit.place, sources)
            yield Fault(fit.place, what, AGAIN, None, patch)
    for learned in story.of(Learned):
        if learned.rows.part == TEST:
            yield Fault(learned.place, f"{learned.what} learns from the test rows alone", AGAIN)


def resampled_before_the_split(story: Story, sources: Sources) -> Iterator[Fault]:
    """Copies or mixtures of a row on both sides of the split."""
    for mark, split in _marked_at_a_split(story, {"resampled"}):
        what = f"{mark.what} makes or repeats rows before they are split"
        yield Fault(mark.place, what, MIXED, split, patches.behind(mark, split, sources))


def augmented_before_the_split(story: Story, _: Sources) -> Iterator[Fault]:
    """Turned, shifted or otherwise changed copies of a row on both sides of the split."""
    for mark, split in _marked_at_a_split(story, {"augmented"}):
        what = f"{mark.what} are added before they are split"
        yield Fault(mark.place, what, COPIED, split)


def target_statistics(story: Story, _: Sources) -> Iterator[Fault]:
    """Averages of the target, by category, of all rows."""
    for mark, split in _marked_at_a_split(story, {"target"}):
        what = f"{mark.what} computes the target's averages from all rows"
        yield Fault(mark.place, what, OWN_TARGET, split)
    targets = {name for fit in story.of(Fit) for name in (*fit.target.of, fit.target.column)}
    for mark, split in _marked_at_a_split(story, {"average"}):
        if mark.what in targets:
            what = f"{mark.what!r}, the target, is averaged by group over all rows"
            yield Fault(mark.place, what, OWN_TARGET, split)


def outside_the_folds(story: Story, _: Sources) -> Iterator[Fault]:
    """Cross-validation of rows that a transformer or resampler has seen as a whole."""
    folds = [(event.rows, event.place) for event in story.of(CrossValidation)]
    splits = [split for split in story.of(Split) if split.folds]
    folds += [(rows, split.place) for split in splits for rows in split.rows]
    searches = [fit for fit in story.of(Fit) if fit.estimator.name in library.SEARCHES]
    folds += [(fit.rows, fit.place) for fit in searches]
    said = {mark for mark, _ in _marked_at_a_split(story, {"fitted", "resampled", "target"})}
    for rows, place in folds:
        for mark in sorted(rows.marks - said, key=lambda mark: mark.place):
            thinned = library.UNDERSAMPLERS.match(mark.what)  # rows taken away are copied nowhere
            if mark.kind not in {"imputed", "average", "selected"} and not thinned:
                said.add(mark)
                what = f"{mark.what} has seen every fold before they are made"
                yield Fault(mark.place, what, EVERY_FOLD, place)


def chosen_on_the_test_set(story: Story, _: Sources) -> Iterator[Fault]:
    """The test score decides which model, setting, epoch or threshold is kept."""
    said: set[Place] = set()
    loops: set[tuple[str, frozenset[int]]] = set()  # several metrics of one loop are one choice
    for choice in story.of(Chosen):
        if choice.part == TEST and choice.measured not in said:
            said.add(choice.measured)
            yield Fault(choice.place, f"the test set decides: {choice.how}", LUCK)
    for score in story.of(Measured):
        model = score.model
        if score.part != TEST or score.place in said or model is None or not score.varied:
            continue
        numbers = [key for key, value in model.params.items() if value.loops & score.varied]
        tried = (model.name, score.varied)
        if numbers and tried not in loops and not _looks_at_validation_too(story, score):
            loops.add(tried)
            what = f"{model.name}'s {', '.join(numbers)} is tried out on the test set"
            yield Fault(score.place, what, LUCK)


def measured_on_training_rows(story: Story, sources: Sources) -> Iterator[Fault]:
    """The only score is of rows that the model was fitted on, or the test rows are among them."""
    scores = story.of(Measured)
    unseen = any(score.part in {TEST, VALIDATION} for score in scores)
    parted = {rows.table for split in story.of(Split) for rows in split.rows if not split.folds}
    for fed in story.of(Fed):
        if fed.rows.part == WHOLE and fed.rows.table in parted:
            what = "the network's training draws from all rows, the test rows among them"
            yield Fault(fed.place, what, REMEMBERS)
    alone = not unseen and not story.of(CrossValidation) and not _names_test_rows(sources)
    parted_in = {split.place.path for split in story.of(Split)}
    for score in scores:
        model, fitted = score.model, score.fitted
        if model is None or fitted is None or library.UNSUPERVISED.match(model.name):
            continue
        if not score.rows.table or fitted.table != score.rows.table:
            continue
        inside = score.part == TEST and fitted.part == WHOLE
        own = score.part == WHOLE or (score.part == TRAIN and score.place.path in parted_in)
        if inside and model.name not in library.SEARCHES:
            what = f"{model.name} is scored on rows that it was fitted on"
            yield Fault(score.place, what, REMEMBERS, score.fit_place)
        elif alone and own and model.target is not None and model.target.rows:
            what = f"{model.name} is scored on the rows that it was fitted on, and on no others"
            yield Fault(score.place, what, REMEMBERS, score.fit_place)
            return


def target_among_the_features(story: Story, _: Sources) -> Iterator[Fault]:
    """X holds y."""
    for fit in story.of(Fit):
        rows, target = fit.rows, fit.target
        if not rows.table or rows.table != target.table or fit.estimator.name in NOT_LEARNERS:
            continue
        as_read = rows.selected is None and not rows.dropped
        names = fit.estimator.names
        if as_read and (names & library.CHOOSERS or any(map(library.DUMMIES.match, names))):
            continue  # it takes what it wants of the columns, or none of them
        found = columns.of_target(rows, target)
        if not found and isinstance(target.column, int) and columns.holds(rows, target.column):
            found = f"{target.column!r}, its own target"
        if found:
            what = f"{fit.estimator.name} is given {found}"
            yield Fault(fit.place, what, "The answer is among the features.")


def rows_that_belong_together(story: Story, _: Sources) -> Iterator[Fault]:
    """Several rows of one patient or speaker, split by row."""
    columns = {**story.columns, **story.grouped_by}
    letters = any(library.OF_LETTERS.match(name) for name in columns)
    named = sorted(
        name
        for name in columns
        if library.ONE_OF_MANY.match(name) and not (letters and name.lower() == "subject")
    )
    splits = story.of(Split)
    if not named or any(split.grouped for split in splits):
        return
    if any(name.endswith("GroupKFold") or name.startswith("Group") for name in story.names):
        return
    for split in splits:
        if any(rows.per & {*named, "?"} for rows in split.rows):
            continue
        if split.how == "train_test_split" or split.shuffled:
            what = f"rows are split singly, though {named[0]!r} says which belong together"
            yield Fault(split.place, what, TOGETHER)
            return


def shuffled_time(story: Story, _: Sources) -> Iterator[Fault]:
    """A series, its past in the features, split at random."""
    for split in story.of(Split):
        if split.shuffled and any(value.ordered and value.dates for value in split.rows):
            yield Fault(split.place, "a time series is shuffled before it is split", NEIGHBOURS)


def split_without_a_seed(story: Story, sources: Sources) -> Iterator[Fault]:
    """A split that nobody can draw again."""
    for split in story.of(Split):
        seeded = {(split.place.path, which) for which in (split.generator, "all")} & story.seeded
        if not split.seeded and not seeded:
            what = f"{split.how} draws another split in every run"
            patch = patches.seeded(split.place, sources)
            yield Fault(split.place, what, ANOTHER_NUMBER, None, patch)


def accuracy_alone(story: Story, _: Sources) -> Iterator[Fault]:
    """Classes known to be uneven, and only the share of hits reported."""
    uneven = story.uneven + [
        fit.place
        for fit in story.of(Fit)
        if any(map(library.RESAMPLERS.match, fit.estimator.names))
    ]
    measured = story.of(Measured)
    used = {score.metric for score in measured}
    said = any(map(words.BEYOND_ACCURACY.search, story.names))
    if uneven and used and used <= {"accuracy_score", "score"} and not said:
        what = f"accuracy is the only metric, though the classes are uneven ({uneven[0]})"
        yield Fault(min(score.place for score in measured), what, ALWAYS_THE_LARGER)


def generated_rows(story: Story, _: Sources) -> Iterator[Fault]:
    """The training data are random numbers, and no others were read."""
    for event in story.of(Invented):
        yield Fault(event.place, event.what, INVENTED)
    fits = story.of(Fit)
    if any(fit.rows.loaded or fit.rows.table for fit in fits):
        return
    for fit in fits:
        if fit.rows.generated and (fit.target.generated or not fit.target.rows):
            yield Fault(fit.place, f"{fit.estimator.name} is trained on random numbers", INVENTED)
            return


def typed_results(story: Story, _: Sources) -> Iterator[Fault]:
    """A number with a metric's name beside it, written by hand."""
    for event in story.of(Typed):
        yield Fault(event.place, f"a result is typed in: {event.text}", TYPED)


def no_simpler_model(story: Story, sources: Sources) -> Iterator[Fault]:
    """Ensembles, networks and machines with a kernel, measured, and nothing simpler beside them."""
    programs = [source for source in sources.values() if source.is_program]
    used = {name: place for source in reversed(programs) for name, place in _used(source)}
    scores = story.of(Measured)
    trained = {"compile", "fit"} <= used.keys() or "backward" in used
    if story.rule or not (trained or any(score.model for score in scores)):
        return
    if any(words.SIMPLE_MODEL.match(name) or words.RULE.search(name) for name in used):
        return
    if any(words.LINEAR_KERNEL.search(line) for source in programs for line in source.lines):
        return
    large = {name: place for name, place in used.items() if words.LARGE_MODEL.match(name)}
    if large:
        places = [score.place for score in scores if score.model] or list(large.values())
        yield Fault(min(places), f"{', '.join(sorted(large)[:3])}, and nothing simpler", NO_RULE)


def _used(source: Source) -> Iterator[tuple[str, Place]]:
    """Every name that a file makes use of; what is only imported is not used."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            yield name, source.place(node.lineno)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, source.place(node.lineno)


def _marked_at_a_split(story: Story, kinds: set[str]) -> list[tuple[Mark, Place]]:
    """Marks of these kinds on rows as they are split, each once, at its first split."""
    found: dict[Mark, Place] = {}
    for split in story.of(Split):
        for value in () if split.folds else split.rows:
            for mark in value.marks:
                if mark.kind in kinds and value.unparted:
                    found.setdefault(mark, split.place)
    return sorted(found.items(), key=lambda pair: pair[0].place)


def _names_test_rows(sources: Sources) -> bool:
    """Whether any variable is called as test rows are: they may be scored where we cannot see."""
    names = (
        node.id
        for source in sources.values()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return any(library.part_by_name(name) in {TEST, VALIDATION} for name in names)


def _looks_at_validation_too(story: Story, score: Measured) -> bool:
    """The same loop measures validation rows: then the test set may only be looked at."""
    others = (other for other in story.of(Measured) if other.part == VALIDATION)
    return any(other.loops & score.loops for other in others)


RULES: tuple[Callable[[Story, Sources], Iterator[Fault]], ...] = (
    fitted_before_the_split, resampled_before_the_split, augmented_before_the_split,
    target_statistics, outside_the_folds, chosen_on_the_test_set, measured_on_training_rows,
    target_among_the_features, rows_that_belong_together, shuffled_time, split_without_a_seed,
    fitted_again_on_the_test_set, generated_rows, typed_results, accuracy_alone, no_simpler_model,
)  # fmt: skip

OWN = Path(__file__).parent


def found_in(sources: Sources) -> dict[str, list[dict[str, Any]]] | list[None]:
    """What each rule finds, by its function's name, for JSON; [None] where there is no story."""
    story = read(sources)
    if not story.events:
        return [None]
    return {find.__name__: [asdict(fault) for fault in find(story, sources)] for find in RULES}


def read_back(found: Any) -> dict[str, list[Fault]] | None:
    """The same as faults; TypeError where it is something else."""
    if found == [None]:
        return None
    if not isinstance(found, dict) or found.keys() != {find.__name__ for find in RULES}:
        raise TypeError("these are no findings")
    return {rule: [_fault(**fields) for fields in listed] for rule, listed in found.items()}


def _fault(place: dict[str, Any], split: dict[str, Any] | None, **texts: str) -> Fault:
    return Fault(place=Place(**place), split=Place(**split) if split else None, **texts)


def digest(sources: Sources) -> str:
    """Changes with any line that is read, and with what the rules make of it."""
    told = hashlib.sha256(sys.version.encode())
    for own in sorted(OWN.glob("*.py")):
        told.update(own.read_bytes())
    for path, source in sorted(sources.items()):
        told.update(repr((path, source.lines, source.cells)).encode(errors="surrogatepass"))
    return told.hexdigest()
