"""scikit-learn's t-SNE (Barnes-Hut, angle 0.5) of vectors in a file: writes the map as float32 pairs, prints JSON with the seconds of the layout.

Euclidean distance, start by PCA, learning rate by size: what `category2vec map` does by default on unit vectors."""
import argparse
import inspect
import json
import os
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("vectors", help="little-endian float32, row-major")
parser.add_argument("--dimension", type=int, required=True)
parser.add_argument("--perplexity", type=float, default=30)
parser.add_argument("--iterations", type=int, default=1000)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--out", required=True)
options = parser.parse_args()

# read when OpenMP is loaded; the gradient takes its number of threads from here and not from n_jobs
os.environ["OMP_NUM_THREADS"] = str(options.threads)

import numpy
from sklearn.manifold import TSNE

# scikit-learn 1.5 renamed n_iter, and 1.7 took the old name away
steps = "max_iter" if "max_iter" in inspect.signature(TSNE).parameters else "n_iter"
vectors = numpy.fromfile(options.vectors, dtype="<f4").reshape(-1, options.dimension)
tsne = TSNE(
    n_components=2,
    perplexity=options.perplexity,
    init="pca",
    learning_rate="auto",
    metric="euclidean",
    method="barnes_hut",
    random_state=1,
    n_jobs=options.threads,
    **{steps: options.iterations},
)
start = time.perf_counter()
plane = tsne.fit_transform(vectors)
seconds = time.perf_counter() - start
plane.astype("<f4").tofile(options.out)
print(json.dumps({"seconds": seconds, "rows": len(vectors), "ownDivergence": float(tsne.kl_divergence_)}))
