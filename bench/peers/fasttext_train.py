#!/usr/bin/python3
"""Runs fastText's own program on histories and prints one JSON object. Its time holds reading and writing; its window is drawn at random."""
import argparse
import json
import os
import subprocess
import tempfile
import time

import histories

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("input", help="one history per line")
parser.add_argument("--model", choices=["skip-gram", "cbow"], default="skip-gram")
parser.add_argument("--dimension", type=int, default=64)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--negatives", type=int, default=5)
parser.add_argument("--learning-rate", type=float, default=0.05)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--out", help="writes OUT.f32, row c17 at place 17")
parser.add_argument("--rows", type=int)
options = parser.parse_args()

with tempfile.TemporaryDirectory() as folder:
    prefix = os.path.join(folder, "vectors")
    command = ["fasttext", "cbow" if options.model == "cbow" else "skipgram", "-input", options.input, "-output", prefix]
    settings = {
        "dim": options.dimension, "epoch": options.epochs, "neg": options.negatives, "lr": options.learning_rate,
        "thread": options.threads, "ws": 1000, "minCount": 1, "t": 1, "minn": 0, "maxn": 0, "bucket": 1,
    }
    for name, value in settings.items():
        command += ["-" + name, str(value)]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    if options.out:
        import numpy

        with open(prefix + ".vec", encoding="ascii") as file:
            next(file)
            lines = [line.split() for line in file]
        lines = [line for line in lines if line[0] != "</s>"]
        matrix = numpy.array([line[1:] for line in lines], dtype="<f4")
        histories.write_matrix(options.out + ".f32", [line[0] for line in lines], matrix, options.rows)

clicks = sum(map(len, histories.read_lines(options.input)))
print(json.dumps({
    "peer": "fastText",
    "clicks": clicks,
    "epochs": options.epochs,
    "seconds": seconds,
    "clicksPerSecond": clicks * options.epochs / seconds,
}))
