"""openTSNE (FFT-accelerated, its defaults) of vectors in a file: writes the map as float32 pairs, prints JSON with the seconds of the layout.

Euclidean distance, start by PCA, learning rate by size, 750 steps, 250 of them exaggerated."""
import argparse
import json
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("vectors", help="little-endian float32, row-major")
parser.add_argument("--dimension", type=int, required=True)
parser.add_argument("--perplexity", type=float, default=30)
parser.add_argument("--iterations", type=int, default=750)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--out", required=True)
options = parser.parse_args()

import numpy
import openTSNE

vectors = numpy.fromfile(options.vectors, dtype="<f4").reshape(-1, options.dimension)
early = min(250, options.iterations)
tsne = openTSNE.TSNE(
    perplexity=options.perplexity,
    early_exaggeration_iter=early,
    n_iter=options.iterations - early,
    initialization="pca",
    learning_rate="auto",
    metric="euclidean",
    random_state=1,
    n_jobs=options.threads,
)
start = time.perf_counter()
plane = tsne.fit(vectors)
seconds = time.perf_counter() - start
numpy.asarray(plane).astype("<f4").tofile(options.out)
print(json.dumps({"seconds": seconds, "rows": len(vectors), "ownDivergence": float(plane.kl_divergence)}))
