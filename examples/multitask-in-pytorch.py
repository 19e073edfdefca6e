"""A click model of PyTorch that shares its table with category2vec:
python3 examples/multitask-in-pytorch.py hard | soft | init | scratch [folder]

Reads what these commands write: `prepare` (histories/), `export --format npy --unknown-row mean` (vectors.npy) and
`click train --write-splits parts`. Prints the AUC on parts/test.parquet as JSON.
"""

import glob
import json
import sys

import numpy as np
import pyarrow.parquet as parquet
import torch
from torch import nn

sharing = sys.argv[1] if len(sys.argv) > 1 else 'soft'
folder = sys.argv[2] if len(sys.argv) > 2 else '.'
torch.manual_seed(1)
random = np.random.default_rng(1)

# ---- what category2vec wrote: row 0 is the unknown category, row i + 1 is category i of the vocabulary
keys = json.load(open(f'{folder}/vectors.keys.json', encoding='utf-8'))
vectors = torch.from_numpy(np.load(f'{folder}/vectors.npy'))
row_of = {key: row for row, key in enumerate(keys)}
prepared = parquet.read_table(f'{folder}/histories/vocabulary.parquet')['category'].to_pylist()
row_of_prepared = np.array([row_of.get(key, 0) for key in prepared])
shards = [parquet.read_table(file) for file in sorted(glob.glob(f'{folder}/histories/shard-*.parquet'))]
history_of = {
    key: row_of_prepared[items] for shard in shards for key, items in zip(*(shard[name].to_pylist() for name in ('key', 'items')))
}
count = torch.from_numpy(np.bincount(np.concatenate(list(history_of.values())), minlength=len(keys))).float()

# ---- impressions: columns as rows of tables, histories as one list
columns = ['advertiser', 'publisher', 'device']
parts = {part: parquet.read_table(f'{folder}/parts/{part}.parquet').to_pydict() for part in ('training', 'validation', 'test')}
codes = [row_of] + [{key: i + 1 for i, key in enumerate(sorted(set(parts['training'][name])))} for name in columns[1:]]
empty = np.zeros(0, dtype=np.int64)


def encode(part):
    ids = np.array([[code.get(key, 0) for key in part[name]] for name, code in zip(columns, codes)])
    hour = (np.array(part['hour'], dtype=np.float32) - 12) / 7
    histories = [history_of.get(str(user), empty) for user in part['user_id']]
    return torch.from_numpy(ids), torch.from_numpy(hour), histories, torch.tensor(part['clicked'], dtype=torch.float32)


class ClickNetwork(nn.Module):
    """Tables of 16 numbers, the history's mean, its product with the advertiser: 128, 64, 1."""

    def __init__(self, start):
        super().__init__()
        dimension = vectors.shape[1]
        self.table = nn.Embedding(len(keys), dimension)
        self.context = nn.Embedding(len(keys), dimension)  # category2vec's output vectors, for hard sharing
        self.scale = nn.Parameter(torch.tensor(1.0))
        nn.init.zeros_(self.context.weight)
        nn.init.normal_(self.table.weight, std=0.5)
        if start is not None:
            self.table.weight.data.copy_(start)
        self.others = nn.ModuleList(nn.Embedding(len(code) + 1, dimension) for code in codes[1:])
        self.layers = nn.Sequential(
            nn.Linear(5 * dimension + 1, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1)
        )

    def forward(self, ids, hour, histories):
        clicked = torch.from_numpy(np.concatenate(histories))
        starts = torch.from_numpy(np.cumsum([0] + [len(each) for each in histories[:-1]]))
        shown = self.scale * self.table(ids[0])
        history = self.scale * nn.functional.embedding_bag(clicked, self.table.weight, starts, mode='mean')
        others = [table(column) for table, column in zip(self.others, ids[1:])]
        return self.layers(torch.cat([shown, history, shown * history, *others, hour[:, None]], 1)).squeeze(1)


# ---- the joint loss
anchor = vectors * (0.5 / vectors.square().mean().sqrt())  # at the scale that tables start with
noise = torch.distributions.Categorical(count.pow(0.75))
all_histories = [items for items in history_of.values() if len(items) > 1]


def history_batch(size=128):
    """Ordered pairs of some histories; a pair of a history of n counts 1 / (n - 1), so that every click counts alike."""
    inputs, targets, weights = [], [], []
    for i in random.integers(len(all_histories), size=size):
        items = all_histories[i]
        left, right = np.nonzero(~np.eye(len(items), dtype=bool))
        inputs.append(items[left])
        targets.append(items[right])
        weights.append(np.full(len(left), 1 / (len(items) - 1), dtype=np.float32))
    return (torch.from_numpy(np.concatenate(each)) for each in (inputs, targets, weights))


def category2vec_loss(network, negatives=5):
    """Hard sharing: skip-gram with negative samples on the click network's own table (Mikolov et al. 2013)."""
    inputs, targets, weights = history_batch()
    vector = network.table(inputs)
    right = (vector * network.context(targets)).sum(1)
    wrong = torch.einsum('nd,nkd->nk', vector, network.context(noise.sample((len(inputs), negatives))))
    loss = nn.functional.softplus(-right) + nn.functional.softplus(wrong).sum(1)
    return (weights * loss).sum() / weights.sum()


def anchor_loss(network, strength=1.0):
    """Soft sharing: the click network has a table of its own, and pays for its distance from category2vec's vectors."""
    return strength * (network.table.weight - anchor).square().sum(1).mean()


def joint_loss(network, ids, hour, histories, clicked):
    loss = nn.functional.binary_cross_entropy_with_logits(network(ids, hour, histories), clicked)
    if sharing == 'hard':
        loss = loss + category2vec_loss(network)
    if sharing == 'soft':
        loss = loss + anchor_loss(network)
    return loss


# ---- training: Adam, rows in a new order each epoch, the epoch of the lowest validation loss is kept
def predict(network, part):
    ids, hour, histories, _ = part
    with torch.no_grad():
        return network(ids, hour, histories)


def auc(scores, clicked):
    order = scores.argsort()
    ranks = torch.empty_like(scores)
    ranks[order] = torch.arange(1, len(scores) + 1, dtype=scores.dtype)
    positives = clicked.sum()
    return float((ranks[clicked == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(clicked) - positives)))


training, validation, test = (encode(parts[part]) for part in ('training', 'validation', 'test'))
network = ClickNetwork(None if sharing == 'scratch' else anchor)
tables = [network.table.weight, network.context.weight]
rest = [value for name, value in network.named_parameters() if not name.startswith(('table', 'context'))]
rate = 0.001 if sharing == 'scratch' else 0.0003
optimizer = torch.optim.Adam([{'params': tables, 'lr': rate}, {'params': rest, 'lr': 0.001}])
best = (np.inf, 0.0, 0)
for epoch in range(20):
    order = random.permutation(len(training[3]))
    for at in range(0, len(order), 1024):
        rows = order[at : at + 1024]
        batch = training[0][:, rows], training[1][rows], [training[2][row] for row in rows], training[3][rows]
        optimizer.zero_grad()
        joint_loss(network, *batch).backward()
        optimizer.step()
    loss = float(nn.functional.binary_cross_entropy_with_logits(predict(network, validation), validation[3]))
    if loss < best[0]:
        best = (loss, auc(predict(network, test), test[3]), epoch + 1)
    if epoch + 1 - best[2] >= 3:
        break
print(json.dumps({'sharing': sharing, 'rows': len(training[3]), 'bestEpoch': best[2], 'auc': best[1]}))
