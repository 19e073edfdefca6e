#!/usr/bin/python3
"""Judges vectors without any code of ours: label purity of the nearest neighbors, and the rank of held-out categories.

Vectors are little-endian float32, row-major. A row of zeros is a category without a vector: it is nobody's neighbor and, held out, a miss."""
import argparse
import json
import os

import numpy
import scipy.sparse

import histories

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("vectors")
parser.add_argument("--dimension", type=int, required=True)
parser.add_argument("--output", help="the output vectors, for the rule input · output")
parser.add_argument("-k", type=int, default=10)
parser.add_argument("--labels", help="one line per row; several values are separated by |, an empty line is no label")
parser.add_argument("--within", help="one line per row: neighbors are taken among rows of the same line only")
parser.add_argument("--most-rows", type=int, default=10000, help="purity is the mean of at most so many rows, evenly spaced; all others stay neighbors")
parser.add_argument("--train", help="histories, one per line: counts, co-occurrence and the questions' histories")
parser.add_argument("--held-out", help="one line per question: number of the history, then the token held out; c-1 is a category without a row")
parser.add_argument("--details", help="writes the score of every row and question as JSON")
options = parser.parse_args()

vectors = numpy.fromfile(options.vectors, dtype="<f4").reshape(-1, options.dimension)
if not numpy.isfinite(vectors).all():
    raise SystemExit("judge.py: the vectors are not finite")


def unit(matrix):
    return matrix / numpy.maximum(numpy.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)


def read_column(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file]


def purity(labels, groups):
    """Mean share of the k nearest that carry the label, over the labeled rows of every group with more than k of them."""
    known = numpy.array([i for i, label in enumerate(labels) if label and vectors[i].any()])
    values = {value: i for i, value in enumerate(sorted({v for label in labels for v in label.split("|") if v}))}
    entries = [(row, values[v]) for row, i in enumerate(known) for v in labels[i].split("|") if v]
    member = scipy.sparse.csr_matrix((numpy.ones(len(entries), "f4"), tuple(zip(*entries))), (len(known), len(values)))
    names = numpy.unique([groups[i] for i in known], return_inverse=True)[1]
    scores, chances, ceilings, rows = [], [], [], []
    for group in range(names.max() + 1):
        at = numpy.flatnonzero(names == group)
        if len(at) <= options.k:
            continue
        directions, inside = unit(vectors[known[at]]), member[at]
        judged = numpy.arange(0, len(at), -(-len(known) // options.most_rows))
        for begin in range(0, len(judged), 1024):
            own = judged[begin:begin + 1024]
            same = (inside[own] @ inside.T).toarray() > 0
            same[numpy.arange(len(own)), own] = False
            similarity = directions[own] @ directions.T
            similarity[numpy.arange(len(own)), own] = -9
            nearest = numpy.argpartition(-similarity, options.k, axis=1)[:, :options.k]
            scores.append(numpy.take_along_axis(same, nearest, axis=1).mean(axis=1))
            matches = same.sum(axis=1)
            chances.append(matches / (len(at) - 1))
            ceilings.append(numpy.minimum(matches, options.k) / options.k)
            rows.append(known[at][own])
    score, chance, ceiling = (numpy.concatenate(parts) for parts in (scores, chances, ceilings))
    result = {"labeled": len(score), "purity": score.mean(), "chance": chance.mean(), "ceiling": ceiling.mean()}
    result["adjusted"] = (result["purity"] - result["chance"]) / (result["ceiling"] - result["chance"])
    order = numpy.argsort(numpy.concatenate(rows))
    return result, score[order]


def ranks(train, questions):
    """Rank of every held-out category among all categories but the history's own: greater + ties / 2, one row per rule."""
    size = len(vectors)
    cells = [(h, int(token[1:])) for h, history in enumerate(train) for token in history]
    clicks = scipy.sparse.csr_matrix((numpy.ones(len(cells), "f4"), tuple(zip(*cells))), (len(train), size))
    counts = numpy.asarray(clicks.sum(axis=0)).ravel()
    scale = scipy.sparse.diags(1 / numpy.sqrt(numpy.maximum(counts, 1)))
    # what no vector has a part in is ranked once for each file of questions
    kept = options.held_out + ".baselines.npz"
    found = {rule: [rank] for rule, rank in numpy.load(kept).items()} if os.path.exists(kept) else {}
    is_first = not found
    if is_first:
        together = (clicks.T @ clicks).tocsr()
        together = (scale @ (together - scipy.sparse.diags(together.diagonal())) @ scale).tocsr()
    directions, known, weight = unit(vectors), vectors.any(axis=1), (counts ** 0.25).astype("f4")
    output = numpy.fromfile(options.output, dtype="<f4").reshape(vectors.shape) if options.output else None
    # all-zero rows would score 0 among negative cosines: without a vector there is no score
    hidden = numpy.where(known, 0, -numpy.inf).astype("f4")

    def rule_scores(block):
        asked = clicks[block]
        average = (scipy.sparse.diags(1 / numpy.maximum(numpy.asarray(asked.sum(axis=1)).ravel(), 1)) @ asked).astype("f4")
        cosine = unit(average @ directions) @ directions.T
        yield "cosine", cosine + hidden
        yield "cosinePopularity", (1 + cosine) * weight + hidden
        if output is not None:
            yield "output", (average @ vectors) @ output.T + hidden
        if is_first:
            yield "popularity", numpy.tile(counts, (len(block), 1))
            yield "coOccurrence", (asked @ together).toarray()

    for begin in range(0, len(questions), 256):
        part = questions[begin:begin + 256]
        block = [history for history, _ in part]
        answers = numpy.array([answer for _, answer in part])
        own = clicks[block].toarray() > 0
        for rule, scores in rule_scores(block):
            scores[own] = -numpy.inf
            right = numpy.where(answers < 0, -numpy.inf, scores[numpy.arange(len(part)), answers])[:, None]
            greater, ties = (scores > right).sum(axis=1), (scores == right).sum(axis=1) - 1
            rank = numpy.where(numpy.isfinite(right[:, 0]), greater + ties / 2, numpy.inf)
            found.setdefault(rule, []).append(rank)
    ranked = {rule: numpy.concatenate(parts) for rule, parts in found.items()}
    if is_first:
        numpy.savez(kept, **{rule: ranked[rule] for rule in ("popularity", "coOccurrence")})
    return ranked


def summary(rank):
    gain = numpy.where(rank < 10, 1 / numpy.log2(rank + 2), 0)
    return {"HR10": (rank < 10).mean(), "NDCG10": gain.mean(), "R20": (rank < 20).mean()}


result, details = {"categories": int(vectors.any(axis=1).sum())}, {}
if options.labels:
    labels = read_column(options.labels)
    groups = read_column(options.within) if options.within else [""] * len(labels)
    purities, per_row = purity(labels, groups)
    result.update(purities)
    details["purity"] = per_row.tolist()
if options.train:
    train = histories.read_lines(options.train)
    questions = [(int(h), int(token[1:])) for h, token in map(str.split, read_column(options.held_out))]
    by_rule = ranks(train, questions)
    result["questions"] = len(questions)
    result["scores"] = {rule: summary(rank) for rule, rank in by_rule.items()}
    # the rule is chosen on every second question, the score is read on the others
    own_rules = [rule for rule in by_rule if rule not in ("popularity", "coOccurrence")]
    best = max(own_rules, key=lambda rule: summary(by_rule[rule][0::2])["NDCG10"])
    result["best"] = {"rule": best, **summary(by_rule[best][1::2])}
    details["hits"] = {rule: (rank < 10).astype(int).tolist() for rule, rank in by_rule.items()}
if options.details:
    with open(options.details, "w", encoding="ascii") as file:
        json.dump(details, file)
print(json.dumps(result, default=float))
