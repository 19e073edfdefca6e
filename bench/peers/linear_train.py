#!/usr/bin/python3
"""Factorizes histories by what numpy, scipy and implicit have, and prints one JSON object: a normalized SVD, PPMI-SVD, or implicit ALS."""
import argparse
import json
import time

import numpy
import scipy.sparse
from scipy.sparse.linalg import svds

import histories

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("input", help="one history per line, tokens c0, c1 …")
parser.add_argument("--method", choices=["svd", "ppmi", "als"], required=True)
parser.add_argument("--dimension", type=int, default=64)
parser.add_argument("--rows", type=int, required=True, help="rows of the written matrices: categories of the log")
parser.add_argument("--exponent", type=float, default=0.5, help="svd: of the degrees; ppmi: 1 is plain, 0.75 smooths the contexts")
parser.add_argument("--singular-exponent", type=float, default=1.0, help="of the singular values")
parser.add_argument("--alpha", type=float, default=1.0, help="als: confidence of a click")
parser.add_argument("--regularization", type=float, default=0.01, help="als")
parser.add_argument("--epochs", type=int, default=15, help="als: iterations")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--out", required=True, help="writes OUT.f32, and OUT.output.f32 for svd")
options = parser.parse_args()

sets = histories.read_lines(options.input)
lengths = [len(history) for history in sets]
tokens = numpy.fromiter((int(token[1:]) for history in sets for token in history), "i4", sum(lengths))
cells = (numpy.repeat(numpy.arange(len(sets)), lengths), tokens)
clicks = scipy.sparse.csr_matrix((numpy.ones(len(tokens), "f4"), cells), (len(sets), options.rows))
del sets, cells, tokens
clicks.data[:] = 1
start = time.perf_counter()


def power(values, exponent):
    """values ^ exponent, 0 for 0."""
    return numpy.where(values > 0, numpy.maximum(values, 1e-12) ** exponent, 0)


def leading(matrix):
    """Right singular vectors and values, largest first."""
    width = min(options.dimension, min(matrix.shape) - 1)
    begin = numpy.random.default_rng(options.seed).standard_normal(min(matrix.shape))
    _, values, rows = svds(matrix.astype("f8"), k=width, v0=begin, return_singular_vectors="vh" if matrix.shape[0] >= matrix.shape[1] else True)
    order = numpy.argsort(-values)
    return rows[order].T, values[order]


def padded(matrix):
    return numpy.hstack([matrix, numpy.zeros((len(matrix), options.dimension - matrix.shape[1]))]).astype("<f4")


output = None
if options.method == "svd":
    users, items = (numpy.asarray(clicks.sum(axis=axis)).ravel() for axis in (1, 0))
    matrix = scipy.sparse.diags(power(users, -options.exponent)) @ clicks @ scipy.sparse.diags(power(items, -options.exponent))
    rows, values = leading(matrix.tocsr())
    scaled = rows * values ** options.singular_exponent
    vectors = padded(power(items, -options.exponent)[:, None] * scaled)
    output = padded(power(items, options.exponent)[:, None] * scaled)
elif options.method == "ppmi":
    pairs = (clicks.T @ clicks).tocsr()
    pairs.setdiag(0)
    pairs.eliminate_zeros()
    counts = numpy.asarray(pairs.sum(axis=1)).ravel()
    contexts = power(counts, options.exponent)
    pairs = pairs.tocoo()
    information = numpy.log(pairs.data * contexts.sum() / (counts[pairs.row] * contexts[pairs.col]))
    kept = information > 0
    matrix = scipy.sparse.csr_matrix((information[kept], (pairs.row[kept], pairs.col[kept])), pairs.shape)
    rows, values = leading(matrix)
    vectors = padded(rows * values ** options.singular_exponent)
else:
    import implicit
    import threadpoolctl

    with threadpoolctl.threadpool_limits(1, "blas"):
        model = implicit.als.AlternatingLeastSquares(
            factors=options.dimension, alpha=options.alpha, regularization=options.regularization,
            iterations=options.epochs, random_state=options.seed, num_threads=options.threads,
        )
        model.fit(clicks, show_progress=False)
    vectors = padded(model.item_factors)

seconds = time.perf_counter() - start
# who was never clicked has no vector
vectors[numpy.asarray(clicks.sum(axis=0)).ravel() == 0] = 0
vectors.tofile(options.out + ".f32")
if output is not None:
    output.astype("<f4").tofile(options.out + ".output.f32")
print(json.dumps({"seconds": seconds}))
