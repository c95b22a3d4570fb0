#!/usr/bin/env python3
"""LightGBM and scikit-learn on the folds of tg-classify, beside it.

    tg-classify train --data DATA --label LABEL --model MODEL --folds 5 --predictions PREDICTIONS ...
    classification_peers.py PREDICTIONS DATA LABEL [--text COLUMN ...] [--mean-with PREDICTIONS ...]

DATA is a CSV file with a header, gzipped or not, LABEL a column with two classes. Of a table all other columns are features: LightGBM
at a rate of 0.03 with early stopping on a tenth of the training, and logistic regression on standardised numbers and one-hot
categories, with the mean and an indicator for a number that is missing.
With --text these columns are one text: TF-IDF of words and pairs of words with logistic regression. Prints means and standard
deviations of the folds, and, --mean-with the predictions of other models on the same folds, of their mean; then the mean difference of the AUC of tg-classify with its 95 % interval, by 1,000 samples of the examples.
Needs pandas, scikit-learn and lightgbm of PyPI; seed 1.
"""

import argparse
import warnings

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.simplefilter("ignore")


def linear_table(features):
    numbers = features.select_dtypes("number").columns
    others = [name for name in features.columns if name not in numbers]
    columns = ColumnTransformer([("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
                                 ("categories", OneHotEncoder(handle_unknown="ignore"), others)])
    return make_pipeline(columns, LogisticRegression(max_iter=2000))


class Boosted:
    """LightGBM that stops where a tenth of the training gets no better."""

    def fit(self, features, truth):
        import lightgbm
        train, valid, train_truth, valid_truth = train_test_split(features, truth, test_size=0.1, random_state=1, stratify=truth)
        self.model = lightgbm.LGBMClassifier(n_estimators=2000, learning_rate=0.03, num_leaves=31, random_state=1, verbose=-1, n_jobs=2)
        self.model.fit(train, train_truth, eval_set=[(valid, valid_truth)], eval_metric="auc",
                       callbacks=[lightgbm.early_stopping(50, verbose=False)])
        return self

    def predict_proba(self, features):
        return self.model.predict_proba(features)


def peers(features):
    if isinstance(features, pd.Series):
        return {"TF-IDF, logistic regression": lambda: make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(max_iter=2000, C=3.0))}
    return {"LightGBM": Boosted, "logistic regression": lambda: linear_table(features)}


def print_row(name, folds, truth, scores):
    rows = []
    for fold in np.unique(folds):
        own = folds == fold
        rows.append((roc_auc_score(truth[own], scores[own]), average_precision_score(truth[own], scores[own]),
                     balanced_accuracy_score(truth[own], scores[own] >= 0.5)))
    mean, deviation = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1)
    print(f"{name}: AUC {mean[0]:.4f} ± {deviation[0]:.4f}  AUPRC {mean[1]:.4f} ± {deviation[1]:.4f}  balanced accuracy {mean[2]:.4f}")


def fold_auc(folds, truth, scores, chosen):
    return np.mean([roc_auc_score(truth[own], scores[own]) for own in (chosen[folds[chosen] == fold] for fold in np.unique(folds))])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("predictions")
    options.add_argument("data")
    options.add_argument("label")
    options.add_argument("--text", nargs="+", default=[])
    options.add_argument("--mean-with", nargs="+", default=[])
    given = options.parse_args()

    data = pd.read_csv(given.data)
    # A label may be called NA or None.
    data[given.label] = pd.read_csv(given.data, usecols=[given.label], dtype=str, keep_default_na=False)[given.label]
    data = data[data[given.label].str.strip() != ""]
    if given.text:
        features = data[given.text].fillna("").agg(" ".join, axis=1)
    else:
        features = data.drop(columns=given.label)
        texts = features.select_dtypes(exclude="number").columns
        features[texts] = features[texts].astype("category")
    said = pd.read_csv(given.predictions, dtype={given.label: str}, keep_default_na=False).sort_values("example")
    if len(said) != len(data):
        raise SystemExit(f"{given.predictions} has {len(said)} examples, and {given.data} {len(data)}")
    classes = [name for name in said.columns if name.startswith(given.label + " ")]
    if len(classes) != 2:
        raise SystemExit(f"expected two classes of {given.label}, got {classes}")
    second = classes[1].removeprefix(given.label + " ")
    folds, truth = said["fold"].to_numpy(), (said[given.label] == second).to_numpy().astype(int)
    if not (data[given.label].str.strip().to_numpy() == said[given.label].to_numpy()).all():
        raise SystemExit("the labels of the predictions are not those of the data")
    ours = said[classes[1]].to_numpy()
    print_row("tg-classify", folds, truth, ours)
    for path in given.mean_with:
        other = pd.read_csv(path).sort_values("example")
        if (other["fold"].to_numpy() != folds).any():
            raise SystemExit(f"{path} has other folds")
        ours = ours + other[classes[1]].to_numpy()
    if given.mean_with:
        ours = ours / (1 + len(given.mean_with))
        print_row("the mean", folds, truth, ours)
    for name, make in peers(features).items():
        theirs = np.zeros(len(truth))
        for fold in np.unique(folds):
            test = folds == fold
            theirs[test] = make().fit(features[~test], truth[~test]).predict_proba(features[test])[:, 1]
        print_row(name, folds, truth, theirs)
        chance = np.random.default_rng(1)
        samples = []
        for _ in range(1000):
            chosen = chance.integers(0, len(truth), len(truth))
            samples.append(fold_auc(folds, truth, ours, chosen) - fold_auc(folds, truth, theirs, chosen))
        everything = np.arange(len(truth))
        difference = fold_auc(folds, truth, ours, everything) - fold_auc(folds, truth, theirs, everything)
        low, high = np.percentile(samples, (2.5, 97.5))
        print(f"tg-classify against {name}: AUC {difference:+.4f} (95 % interval {low:+.4f} to {high:+.4f})")


main()
