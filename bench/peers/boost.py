#!/usr/bin/python3
"""Gradient boosting by LightGBM on sparse rows: leaves, rows a leaf and trees chosen by log loss on the validation rows.
Writes probabilities of the test rows; prints JSON."""
import argparse
import json
import time

import lightgbm
import numpy
import scipy.sparse

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", help="PART.places, PART.values, PART.ends and PART.labels of training, validation and test")
parser.add_argument("--columns", type=int, required=True)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()


def read(part):
    def numbers(name, kind):
        return numpy.fromfile(f"{options.folder}/{part}.{name}", kind)

    ends = numbers("ends", "u4").astype("i8")
    cells = (numbers("values", "f4"), numbers("places", "u4").astype("i8"), ends)
    matrix = scipy.sparse.csr_matrix(cells, (len(ends) - 1, options.columns))
    matrix.sum_duplicates()
    return matrix, numbers("labels", "u1")


training, validation, test = (read(part) for part in ("training", "validation", "test"))
start = time.perf_counter()
best = None
for leaves in (7, 31):
    for least in (20, 100):
        settings = {
            "objective": "binary",
            "learning_rate": 0.05,
            "num_leaves": leaves,
            "min_data_in_leaf": least,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "feature_fraction": 0.8,
            "seed": options.seed,
            "deterministic": True,
            "num_threads": options.threads,
            "verbose": -1,
        }
        data = lightgbm.Dataset(training[0], training[1], free_raw_data=False)
        held_out = lightgbm.Dataset(validation[0], validation[1], reference=data, free_raw_data=False)
        model = lightgbm.train(settings, data, 1000, [held_out], callbacks=[lightgbm.early_stopping(50, verbose=False)])
        loss = model.best_score["valid_0"]["binary_logloss"]
        if best is None or loss < best[0]:
            best = (loss, model)
best[1].predict(test[0]).astype("<f8").tofile(f"{options.folder}/probabilities.f64")
print(json.dumps({"trees": best[1].best_iteration, "loss": best[0], "seconds": time.perf_counter() - start}))
