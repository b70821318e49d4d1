"""Numbers and claims as people write them."""

from __future__ import annotations

import re

METRIC = r"(accuracy|acc|auc|f1([- ]score)?|precision|recall|r2|r²|rmse|mae|score)"
TYPED_RESULT = re.compile(rf"\b{METRIC}\b[^\n{{}}%]{{0,25}}?[:=]\s*\d+\.\d+\s*%?", re.IGNORECASE)
METRIC_LIST = re.compile(
    r"(^|_)(acc(uracy|uracies)?s?|auc|f1|scores?|rmse|mae|r2)(_|$|s$)", re.IGNORECASE
)
NOT_A_RESULT = re.compile(r"weight|thresh|min|target|limit|alpha|expected|goal", re.IGNORECASE)
MODEL_NAME = re.compile(
    r"\b(model|regression|forest|tree|svm|svc|knn|bayes|boost|xgb\w*|lgbm|lstm|gru|cnn|rnn|dnn|ann|mlp"
    r"|network|classifier|regressor|logistic)\b", re.IGNORECASE
)  # fmt: skip
PERFECT = re.compile(
    r"\b(accuracy|acc|auc|roc.auc|f1([- ]score)?|r2|r²)\b[^\n\d]{0,25}"
    r"(1\.0{1,}(?!\d)|0?\.999\d*|100(\.0+)?\s?%|99\.9\d*\s?%)",
    re.IGNORECASE,
)
NEXT_TO_PERFECT = re.compile(r"^\**(1\.0+|0?\.999\d*|100(\.0+)?\s?%|99\.9\d*\s?%)\**$")
A_METRIC = re.compile(r"^(accuracy|acc|auc|roc.auc|f1([- ]score)?|r2|r²)$", re.IGNORECASE)
EXPLAINED = re.compile(r"leak|too good|suspicious|overfit|separable|trivial|sanity", re.IGNORECASE)
RULE = re.compile(r"baseline|majority|naive|persistence", re.IGNORECASE)
BEYOND_ACCURACY = re.compile(r"recall|f1|auc|precision", re.IGNORECASE)
BASELINE = re.compile(
    r"baseline|dummy|majority|naive|naïve|benchmark|persistence|random guess", re.IGNORECASE
)


SIMPLE_MODEL = re.compile(
    r"^(Linear(Regression|SVC|SVR|DiscriminantAnalysis)|LogisticRegression(CV)?|Ridge\w*|Lasso\w*"
    r"|ElasticNet\w*|SGD(Classifier|Regressor)|Perceptron|\w+NB|Dummy(Classifier|Regressor)|KNeighbors\w+"
    r"|DecisionTree\w+|NearestCentroid|QuadraticDiscriminantAnalysis|PassiveAggressive\w+|LDA"
    r"|BayesianRidge|Huber\w*|PoissonRegressor|OLS|Logit|GLM|S?ARIMAX?|auto_arima|Holt\w*"
    r"|ExponentialSmoothing|SimpleExpSmoothing|seasonal_naive|\w*(naive|baseline|persistence"
    r"|logistic_?reg|linear_?reg)\w*)$", re.IGNORECASE
)  # fmt: skip
LARGE_MODEL = re.compile(
    r"^((RandomForest|ExtraTrees|GradientBoosting|HistGradientBoosting|XGB|XGBRF|LGBM|CatBoost|AdaBoost"
    r"|Bagging|Voting|Stacking|MLP|BalancedRandomForest)(Classifier|Regressor)?|SVC|SVR|NuSVC"
    r"|Sequential|LSTM|GRU|Conv[123]D|Dense|Linear)$"
)  # fmt: skip
LINEAR_KERNEL = re.compile(r"kernel\s*=\s*[\"']linear")


def next_to_perfect(text: str) -> tuple[int, str] | None:
    """Where a result is next to perfect, and how it is written: in a sentence, or in a table."""
    if match := PERFECT.search(text):
        return match.start(), match.group(0)
    headings: list[str] = []
    position = 0
    for line in text.splitlines(keepends=True):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if "|" not in line:
            headings = []
        elif not headings:
            headings = cells
        for heading, cell in zip(headings, cells, strict=False):
            if A_METRIC.match(heading) and NEXT_TO_PERFECT.match(cell):
                return position, f"{heading} {cell}"
        position += len(line)
    return None
