"""Rows a second that PyTorch trains of a click network, on the CPU: tables with sparse gradients under SparseAdam, layers under Adam.

Eight categorical columns and one list that shares the first one's table; 16 numbers a row; 144 -> 128 -> ReLU -> 64 -> ReLU -> 1.
Prints JSON: seconds and rows of the timed part, after a warm-up.
"""
import argparse
import json
import os
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # its own threads get in the way of OpenMP's

import numpy
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--rows", type=int, default=400_000)
parser.add_argument("--batch-size", type=int, default=1024)
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()

SIZES = [50_000, 20_000, 5_000, 1_000, 200, 50, 24, 7]
DIMENSION = 16
WARM_UP = 5

torch.set_num_threads(options.threads)
torch.manual_seed(0)
random = numpy.random.default_rng(0)


def draw(count, size):
    """Category k with probability in proportion to 1 / k."""
    shares = numpy.cumsum(1 / numpy.arange(1, size + 1))
    return numpy.minimum(numpy.searchsorted(shares / shares[-1], random.random(count)), size - 1)


class ClickNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.tables = nn.ModuleList(nn.EmbeddingBag(size, DIMENSION, mode="mean", sparse=True) for size in SIZES)
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.05)
        width = (len(SIZES) + 1) * DIMENSION
        self.layers = nn.Sequential(nn.Linear(width, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, columns, singles, items, starts):
        vectors = [table(column, singles) for table, column in zip(self.tables, columns)]
        vectors.append(self.tables[0](items, starts))
        return self.layers(torch.cat(vectors, 1)).squeeze(1)


count = min(options.rows, 100 * options.batch_size)
columns = torch.from_numpy(numpy.stack([draw(count, size) for size in SIZES]))
bounds = numpy.concatenate([[0], numpy.cumsum(random.integers(1, 21, count))])
items = torch.from_numpy(draw(int(bounds[-1]), SIZES[0]))
labels = torch.from_numpy((random.random(count) < 0.1).astype(numpy.float32))
singles = torch.arange(options.batch_size)
network = ClickNetwork()
loss_of = nn.BCEWithLogitsLoss()
table_steps = torch.optim.SparseAdam([table.weight for table in network.tables], lr=1e-3)
layer_steps = torch.optim.Adam(network.layers.parameters(), lr=1e-3)


def train(first):
    batch = slice(first, first + options.batch_size)
    list_items = items[bounds[first] : bounds[first + options.batch_size]]
    starts = torch.from_numpy(bounds[batch] - bounds[first])
    loss = loss_of(network(columns[:, batch], singles, list_items, starts), labels[batch])
    table_steps.zero_grad()
    layer_steps.zero_grad()
    loss.backward()
    table_steps.step()
    layer_steps.step()


batches = count // options.batch_size
for number in range(WARM_UP):
    train(number % batches * options.batch_size)
start = time.perf_counter()
done = 0
while done < options.rows:
    train(done // options.batch_size % batches * options.batch_size)
    done += options.batch_size
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "rows": done, "rowsPerSecond": done / seconds, "version": torch.__version__}))
