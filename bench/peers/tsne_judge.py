"""Judges maps of the same vectors without any code of ours, all pairs in float64.

For every map: recall of the k nearest, trustworthiness (scikit-learn's), and the Kullback-Leibler divergence of the plane from the affinities of t-SNE
(van der Maaten and Hinton 2008). The affinities are computed once and are the same for all maps: over all pairs, and over the 3 x perplexity
nearest alone, which is what a layout is given."""
import argparse
import json

import numpy
from sklearn.manifold import trustworthiness

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("vectors", help="little-endian float32, row-major")
parser.add_argument("maps", nargs="+", help="little-endian float32 pairs, a row for each vector")
parser.add_argument("--dimension", type=int, required=True)
parser.add_argument("--perplexity", type=float, default=30)
parser.add_argument("-k", type=int, default=15)
options = parser.parse_args()

BLOCK = 250
vectors = numpy.fromfile(options.vectors, dtype="<f4").reshape(-1, options.dimension).astype("f8")
rows = len(vectors)


def squares(points, begin, end):
    """Squared distances of a block of rows to all rows, infinite to themselves."""
    own = points[begin:end]
    result = numpy.maximum((own**2).sum(1)[:, None] - 2 * own @ points.T + (points**2).sum(1), 0)
    result[numpy.arange(end - begin), numpy.arange(begin, end)] = numpy.inf
    return result


def conditional(distances):
    """exp(-beta d) / sum with beta for the entropy log(perplexity), by bisection of log beta."""
    target = numpy.log(options.perplexity)
    excess = distances - distances.min(1, keepdims=True)
    finite = numpy.where(numpy.isfinite(excess), excess, 0)
    low, high = numpy.full(len(excess), -30.0), numpy.full(len(excess), 30.0)
    for _ in range(45):
        beta = numpy.exp((low + high) / 2)[:, None]
        weights = numpy.exp(-beta * excess)
        total = weights.sum(1)
        entropy = numpy.log(total) + beta[:, 0] * (weights * finite).sum(1) / total
        low = numpy.where(entropy > target, (low + high) / 2, low)
        high = numpy.where(entropy > target, high, (low + high) / 2)
    return weights / total[:, None]


def affinities(neighbors):
    """Joint affinities over all pairs, or over the nearest of each row alone."""
    joint = numpy.zeros((rows, rows), dtype="f4")
    for begin in range(0, rows, BLOCK):
        end = min(rows, begin + BLOCK)
        distances = squares(vectors, begin, end)
        if neighbors is None:
            joint[begin:end] = conditional(distances)
        else:
            near = numpy.argpartition(distances, neighbors, axis=1)[:, :neighbors]
            numpy.put_along_axis(joint[begin:end], near, conditional(numpy.take_along_axis(distances, near, 1)), 1)
    joint += joint.T.copy()
    joint /= joint.sum(dtype="f8")
    return joint


def nearest(points):
    found = []
    for begin in range(0, rows, BLOCK):
        distances = squares(points, begin, min(rows, begin + BLOCK))
        found.append(numpy.argpartition(distances, options.k, axis=1)[:, : options.k])
    return numpy.concatenate(found)


def divergences(plane, joints):
    """sum p log(p / q) with q = 1 / (1 + d) / Z, for each of several affinities."""
    sums, normalizer = numpy.zeros(len(joints)), 0.0
    for begin in range(0, rows, BLOCK):
        end = min(rows, begin + BLOCK)
        likeness = 1 / (1 + squares(plane, begin, end))
        normalizer += likeness.sum()
        for index, joint in enumerate(joints):
            p = joint[begin:end].astype("f8")
            known = p > 0
            sums[index] += (p[known] * numpy.log(p[known] / likeness[known])).sum()
    return sums + numpy.log(normalizer)


joints = [affinities(None), affinities(min(rows - 1, int(3 * options.perplexity)))]
true = nearest(vectors)
verdicts = []
for path in options.maps:
    plane = numpy.fromfile(path, dtype="<f4").reshape(rows, 2).astype("f8")
    kept = sum(len(numpy.intersect1d(a, b)) for a, b in zip(true, nearest(plane)))
    exact, sparse = divergences(plane, joints)
    verdicts.append(
        {
            "recall": kept / true.size,
            "trustworthiness": trustworthiness(vectors, plane, n_neighbors=options.k),
            "divergence": exact,
            "divergenceOfNearest": sparse,
        }
    )
print(json.dumps({"maps": verdicts}, default=float))
