"""Numbers and claims as people write them."""

from __future__ import annotations

import re

METRIC = r"(accuracy|acc|auc|f1([- ]score)?|precision|recall|r2|r²|rmse|mae|score)"
TYPED_RESULT = re.compile(rf"\b{METRIC}\b[^\n{{}}%]{{0,25}}?[:=]\s*\d+\.\d+\s*%?", re.IGNORECASE)
METRIC_LIST = re.compile(
    r"(^|_)(acc(uracy|uracies)?s?|auc|f1|scores?|rmse|mae|r2)(_|$|s$)", re.IGNORECASE
)
PERFECT = re.compile(
    r"\b(accuracy|acc|auc|roc.auc|f1([- ]score)?|r2|r²)\b[^\n\d]{0,25}"
    r"(1\.0{1,}(?!\d)|0?\.999\d*|100(\.0+)?\s?%|99\.9\d*\s?%)",
    re.IGNORECASE,
)
EXPLAINED = re.compile(r"leak|too good|suspicious|overfit|separable|trivial|sanity", re.IGNORECASE)
BASELINE = re.compile(
    r"baseline|dummy|majority|naive|naïve|benchmark|persistence|random guess", re.IGNORECASE
)
