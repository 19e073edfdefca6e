#!/usr/bin/python3
"""Trains gensim's Word2Vec on whole histories and prints one JSON object; shrink_windows is off, so every pair is trained on."""
import argparse
import json
import resource
import time

import gensim
from gensim.models import Word2Vec
from gensim.models.word2vec import FAST_VERSION, MAX_WORDS_IN_BATCH

import histories

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("input", help="one history per line, or a CSV event log where --history and --category are given")
parser.add_argument("--history", help="column of the event log")
parser.add_argument("--category", help="column of the event log")
parser.add_argument("--model", choices=["skip-gram", "cbow"], default="skip-gram")
parser.add_argument("--dimension", type=int, default=64)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--negatives", type=int, default=5)
parser.add_argument("--noise-exponent", type=float, default=0.75)
parser.add_argument("--learning-rate", type=float, default=0.025)
parser.add_argument("--subsampling", type=float, default=0)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", help="writes OUT.f32 and OUT.output.f32, row c17 at place 17")
parser.add_argument("--rows", type=int, help="rows of the written matrices")
parser.add_argument("--save", help="writes vectors in word2vec's text form")
options = parser.parse_args()

start = time.perf_counter()
if options.history:
    sets = histories.read_events(options.input, options.history, options.category)
else:
    sets = histories.read_lines(options.input)
model = Word2Vec(
    vector_size=options.dimension,
    window=MAX_WORDS_IN_BATCH * 10,
    shrink_windows=False,
    sg=int(options.model == "skip-gram"),
    hs=0,
    negative=options.negatives,
    ns_exponent=options.noise_exponent,
    sample=options.subsampling,
    alpha=options.learning_rate,
    min_count=1,
    workers=options.threads,
    epochs=options.epochs,
    seed=options.seed,
)
model.build_vocab(sets)
read_seconds = time.perf_counter() - start

start, cpu = time.perf_counter(), time.process_time()
model.train(sets, total_examples=model.corpus_count, epochs=options.epochs)
train_seconds, train_cpu = time.perf_counter() - start, time.process_time() - cpu

start = time.perf_counter()
if options.out:
    histories.write_matrix(options.out + ".f32", model.wv.index_to_key, model.wv.vectors, options.rows)
    histories.write_matrix(options.out + ".output.f32", model.wv.index_to_key, model.syn1neg, options.rows)
if options.save:
    model.wv.save_word2vec_format(options.save)
save_seconds = time.perf_counter() - start

pairs = histories.ordered_pairs(sets) * options.epochs
clicks = sum(map(len, sets))
print(json.dumps({
    "peer": "gensim " + gensim.__version__,
    "isCompiled": FAST_VERSION >= 0,
    "histories": len(sets),
    "clicks": clicks,
    "categories": len(model.wv),
    # gensim drops what comes after 10,000 tokens of a history without a word (its issue 2880)
    "clicksDropped": sum(max(0, len(one) - MAX_WORDS_IN_BATCH) for one in sets),
    "epochs": options.epochs,
    "readSeconds": read_seconds,
    "seconds": train_seconds,
    "cpuSeconds": train_cpu,
    "saveSeconds": save_seconds,
    "pairs": pairs,
    "pairsPerSecond": pairs / train_seconds,
    "clicksPerSecond": clicks * options.epochs / train_seconds,
    "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
