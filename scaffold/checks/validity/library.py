"""What the usual libraries do with rows, by the names that people call."""

from __future__ import annotations

import re

# Transformers that learn from rows: what they learned of a test row has reached the training.
SCALERS = frozenset(
    {"StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler", "QuantileTransformer",
     "PowerTransformer", "KBinsDiscretizer"}
)  # fmt: skip
IMPUTERS = frozenset({"SimpleImputer", "Imputer", "KNNImputer", "IterativeImputer"})
VECTORISERS = frozenset({"TfidfVectorizer", "CountVectorizer", "TfidfTransformer", "Tokenizer"})
SELECTORS = frozenset(
    {"SelectKBest", "SelectPercentile", "RFE", "RFECV", "SelectFromModel", "SelectFdr", "SelectFpr",
     "SequentialFeatureSelector", "GenericUnivariateSelect", "BorutaPy"}
)  # fmt: skip
REDUCERS = frozenset(
    {"PCA", "KernelPCA", "TruncatedSVD", "NMF", "FastICA", "IncrementalPCA", "SparsePCA",
     "LinearDiscriminantAnalysis", "LDA", "FactorAnalysis", "UMAP",
     "NeighborhoodComponentsAnalysis"}
)  # fmt: skip
TARGET_ENCODERS = frozenset(
    {"TargetEncoder", "LeaveOneOutEncoder", "CatBoostEncoder", "WOEEncoder", "MEstimateEncoder",
     "JamesSteinEncoder"}
)  # fmt: skip
# A list of categories or a new numbering of labels tells a model nothing of a test row.
HARMLESS = frozenset(
    {"LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer", "OneHotEncoder", "OrdinalEncoder",
     "Normalizer", "Binarizer", "FunctionTransformer", "HashingVectorizer", "PolynomialFeatures",
     "FeatureHasher", "ColumnSelector"}
)  # fmt: skip
LEARNING = SCALERS | IMPUTERS | VECTORISERS | SELECTORS | REDUCERS | TARGET_ENCODERS

RESAMPLERS = re.compile(
    r"^(.*SMOTE.*|ADASYN|Random(Over|Under)Sampler|NearMiss|TomekLinks|ClusterCentroids"
    r"|EditedNearestNeighbours|OneSidedSelection|ROSE)$"
)
UNDERSAMPLERS = re.compile(
    r"^(RandomUnderSampler|NearMiss|TomekLinks|ClusterCentroids|EditedNearestNeighbours"
    r"|OneSidedSelection)$"
)
PIPELINES = frozenset({"Pipeline", "make_pipeline", "ColumnTransformer", "make_column_transformer"})
SEARCHES = frozenset(
    {"GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV",
     "BayesSearchCV"}
)  # fmt: skip
CROSS_VALIDATIONS = frozenset(
    {"cross_val_score", "cross_validate", "cross_val_predict", "learning_curve", "validation_curve"}
)
SPLITTERS = re.compile(r"^(Stratified|Group|Repeated|Time|Leave|Shuffle|K|Predefined|BlockingT)"
                       r"\w*(Fold|Split|Out|KFold)$")  # fmt: skip
ESTIMATOR = re.compile(
    r"(Classifier|Regressor|Regression|SVC|SVR|NB|Ridge|Lasso|ElasticNet|KMeans|DBSCAN|Forest|"
    r"Boost|Perceptron|Neighbors|Discriminant|Net|CV|Sequential|Dummy\w+|Booster|Ranker|Prophet)$"
)
CHOOSERS = frozenset({"ColumnTransformer", "make_column_transformer", "FunctionTransformer"})
DUMMIES = re.compile(r"^Dummy(Classifier|Regressor)$")
UNSUPERVISED = re.compile(
    r"^(KMeans|MiniBatchKMeans|DBSCAN|AgglomerativeClustering|GaussianMixture|IsolationForest"
    r"|OneClassSVM|SpectralClustering|OPTICS|HDBSCAN|TSNE)$"
)
METRICS = frozenset(
    {"accuracy_score", "balanced_accuracy_score", "f1_score", "precision_score", "recall_score",
     "roc_auc_score", "average_precision_score", "r2_score", "mean_squared_error",
     "mean_absolute_error", "mean_absolute_percentage_error", "root_mean_squared_error",
     "matthews_corrcoef", "log_loss", "confusion_matrix", "classification_report",
     "cohen_kappa_score", "jaccard_score", "fbeta_score", "brier_score_loss",
     "top_k_accuracy_score", "median_absolute_error"}
)  # fmt: skip
TABLES = frozenset({"confusion_matrix", "classification_report"})
CURVES = frozenset({"roc_curve", "precision_recall_curve"})
WEIGHTS = frozenset({"class_weight", "scale_pos_weight", "is_unbalance"})
SEEDS = frozenset({"seed", "manual_seed", "set_seed", "set_random_seed", "seed_everything",
                   "set_global_seed", "manual_seed_all", "set_global_determinism"})  # fmt: skip
EARLY_STOPPING = re.compile(r"EarlyStopping|early_stopping|ModelCheckpoint|ReduceLROnPlateau")

READERS = re.compile(
    r"^(read_(csv|excel|json|parquet|table|pickle|sql\w*|feather|hdf|fwf|html)|load(txt)?"
    r"|genfromtxt|loadmat|imread|fetch_\w+|load_\w+|get_data|get_data_\w+|DataReader|list_files|open|i?r?glob|listdir"
    r"|scandir|memmap|fromfile|File"
    r"|image_dataset_from_directory)$"
)
GENERATED = re.compile(r"(^|\.)(random\.(rand|randn|random|normal|uniform|randint|choice|poisson|"
                       r"standard_normal|random_sample|binomial)|make_(classification|regression|"
                       r"blobs|moons|circles))$")  # fmt: skip
SCALES = frozenset({"scale", "minmax_scale", "robust_scale", "maxabs_scale", "quantile_transform",
                    "power_transform", "zscore"})  # fmt: skip
# Not the mode: the commonest category is the same with and without the test rows.
STATISTICS = frozenset({"mean", "median", "std", "var", "quantile", "min", "max"})
AVERAGES = frozenset({"mean", "median"})
CHOICES = frozenset({"support_", "ranking_", "scores_", "pvalues_", "feature_importances_",
                     "get_support", "get_feature_names_out"})  # fmt: skip
FILL = re.compile(r"\bfillna\(.*\b(mean|median)\(")
FILLS = frozenset({"fillna", "replace", "mask", "where"})
WRITERS = frozenset({"to_csv", "to_excel", "to_parquet", "to_pickle", "to_feather", "to_json"})
FILE = re.compile(r"^[^/\\]+\.(csv|tsv|txt|xlsx?|parquet|feather|json|pkl|pickle|sav|joblib|h5"
                  r"|np[yz])$", re.IGNORECASE)  # fmt: skip
PARTED_FILE = re.compile(r"^[xy]_?(train|test|val)", re.IGNORECASE)  # a split has made it

TRAIN = re.compile(
    r"(^|_)(x|y|df|data)?_?tr(ain|n)?(ing)?(_|\d|$)|^train|^(X|Y)train|(X|x|Y|y)_?(t|T)rain"
    r"|^[xXyY]_?tr$"
)
TEST = re.compile(r"(^|_)te?st(ing)?(_|\d|$)|^(x|y|X|Y)_?(t|T)est|^[xXyY]_?te$|hold_?out")
VALIDATION = re.compile(r"(^|_)(val(id)?(ation)?|dev)(_|\d|$)|^(x|y|X|Y)_?(v|V)al|^[xXyY]_?va$")
HOLDS_ROWS = re.compile(r"(loader|data|dataset|_set|_dl|_ds|_gen(erator)?|_iter)$", re.IGNORECASE)
DATA = re.compile(r"^(x|y|data|df|images?|labels?|features?|targets?|inputs?|signals?)$",
                  re.IGNORECASE)  # fmt: skip
EVALUATES = re.compile(r"^_?(eval|evaluate|validate|test|score|accuracy|get_accuracy|compute_\w+)"
                       r"(_\w+)?$")  # fmt: skip
NETWORK = re.compile(r"(^|_)(model|net|network|classifier|cnn|resnet|lstm|rnn)\d*$", re.IGNORECASE)
LOSS = re.compile(r"(^|_)(criterion|loss|loss_fn|loss_func(tion)?|cross_entropy|mse_loss)$")
BEST = re.compile(r"(^|_)(best|final|chosen|selected|winner)(_|$)", re.IGNORECASE)
CHANGES = re.compile(r"^(flip|fliplr|flipud|rot90|mirror|pitch_shift|time_stretch|rotate"
                     r"|random_(flip|brightness|contrast|crop|rotation)\w*"
                     r"|flip_left_right)$")  # fmt: skip
AT_RANDOM = re.compile(r"\b(random|rng|shuffle|choice)\b")

ONE_OF_MANY = re.compile(r"^(patient|subject|speaker|participant|session|case|donor|animal)_?"
                         r"(id|no|nr|number|key|code)?s?$", re.IGNORECASE)  # fmt: skip
OF_LETTERS = re.compile(
    r"^(text|title|body|message|content|e?mail|sender|from|spam)$", re.IGNORECASE
)
DATES = re.compile(r"^(date|datetime|timestamp|time|day|month|year_month)$", re.IGNORECASE)


def seeds(dotted: str) -> str:
    """Which generator a call seeds; `set_seed` and its like are written to seed them all."""
    if dotted.endswith("random.seed"):
        return "numpy" if re.match(r"(np|numpy)\b", dotted) else "python"
    if dotted.startswith("torch"):
        return "torch"
    if re.match(r"(tf|tensorflow)\.(random|compat)", dotted):
        return "tensorflow"
    return "all"


def lottery(dotted: str) -> str:
    """Whose generator `shuffle` and `permutation` draw from."""
    return "python" if dotted.startswith("random.") else "numpy"


def is_estimator(name: str) -> bool:
    """Whether a name is, or reads like, a class that has `fit`."""
    return (
        name in LEARNING | HARMLESS | PIPELINES | SEARCHES
        or bool(RESAMPLERS.match(name) or UNSUPERVISED.match(name))
        or bool(name[:1].isupper() and ESTIMATOR.search(name))
    )


def part_by_name(name: str) -> str:
    """What people mean by `X_train`, `test_df`, `y_val`; empty when the name says nothing."""
    if VALIDATION.search(name):
        return "validation"
    if TEST.search(name):
        return "test"
    if TRAIN.search(name):
        return "train"
    return ""
