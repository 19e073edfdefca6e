"""A click model of Keras that shares its table with category2vec:
python3 examples/multitask-in-keras.py hard | soft | init | scratch [folder]

Reads what these commands write: `prepare` (histories/), `export --format npy --unknown-row mean` (vectors.npy) and
`click train --write-splits parts`. Prints the AUC on parts/test.parquet as JSON. Runs on any backend of Keras 3.
"""

import glob
import json
import sys

import keras
import numpy as np
import pyarrow.parquet as parquet
from keras import layers, ops

sharing = sys.argv[1] if len(sys.argv) > 1 else 'soft'
folder = sys.argv[2] if len(sys.argv) > 2 else '.'
keras.utils.set_random_seed(1)
random = np.random.default_rng(1)

# ---- what category2vec wrote: row 0 is the unknown category, row i + 1 is category i of the vocabulary
keys = json.load(open(f'{folder}/vectors.keys.json', encoding='utf-8'))
vectors = np.load(f'{folder}/vectors.npy')
anchor = vectors * (0.5 / np.sqrt(np.mean(vectors**2)))  # at the scale that tables start with
row_of = {key: row for row, key in enumerate(keys)}
prepared = parquet.read_table(f'{folder}/histories/vocabulary.parquet')['category'].to_pylist()
row_of_prepared = np.array([row_of.get(key, 0) for key in prepared])
history_of = {}
for file in sorted(glob.glob(f'{folder}/histories/shard-*.parquet')):
    shard = parquet.read_table(file)
    for key, items in zip(shard['key'].to_pylist(), shard['items'].to_pylist()):
        history_of[key] = row_of_prepared[items]
longest = max(len(items) for items in history_of.values())

# ---- impressions: columns as rows of tables, histories padded; what stands in padding does not matter
columns = ['advertiser', 'publisher', 'device']
parts = {part: parquet.read_table(f'{folder}/parts/{part}.parquet').to_pydict() for part in ('training', 'validation', 'test')}
codes = [row_of] + [{key: i + 1 for i, key in enumerate(sorted(set(parts['training'][name])))} for name in columns[1:]]


def encode(part):
    x = {name: np.array([code.get(key, 0) for key in part[name]]) for name, code in zip(columns, codes)}
    x['hour'] = (np.array(part['hour'], dtype='float32')[:, None] - 12) / 7
    x['history'] = np.zeros((len(part['clicked']), longest), dtype='int64')
    x['share'] = np.zeros((len(part['clicked']), longest, 1), dtype='float32')
    for i, user in enumerate(part['user_id']):
        items = history_of.get(str(user), [])
        x['history'][i, : len(items)] = items
        x['share'][i, : len(items)] = 1 / max(1, len(items))
    return x, np.array(part['clicked'], dtype='float32')[:, None]


# ---- batches: rows of impressions, and beside each of them pairs of clicks of one history with five negative samples
pairs, negatives = 16, 5
several = [items for items in history_of.values() if len(items) > 1]
clicks = np.concatenate(several)
start = np.repeat(np.cumsum([0] + [len(items) for items in several[:-1]]), [len(items) for items in several])
length = np.repeat([len(items) for items in several], [len(items) for items in several])
noise = np.bincount(clicks, minlength=len(keys)) ** 0.75
noise = np.cumsum(noise / noise.sum())


class Batches(keras.utils.PyDataset):
    def __init__(self, x, y, size=1024, **options):
        super().__init__(**options)
        self.x, self.y, self.size = x, y, size
        self.on_epoch_end()

    def __len__(self):
        return -(-len(self.y) // self.size)

    def on_epoch_end(self):
        self.order = random.permutation(len(self.y))

    def __getitem__(self, i):
        rows = self.order[i * self.size : (i + 1) * self.size]
        x = {name: values[rows] for name, values in self.x.items()}
        place = random.integers(len(clicks), size=(len(rows), pairs))  # every click counts alike
        other = (place - start[place] + random.integers(1, length[place])) % length[place] + start[place]
        x['input'], x['target'] = clicks[place], clicks[other]
        x['negative'] = np.searchsorted(noise, random.random((len(rows), pairs, negatives)))
        return x, self.y[rows]


# ---- the network, and the joint loss
class ClickNetwork(keras.Model):
    def __init__(self):
        super().__init__()
        dimension = vectors.shape[1]
        normal = keras.initializers.RandomNormal(stddev=0.5)
        self.table = layers.Embedding(len(keys), dimension, embeddings_initializer=normal)
        if sharing == 'hard':  # category2vec's output vectors
            self.context = layers.Embedding(len(keys), dimension, embeddings_initializer='zeros')
            self.context.build()
        self.others = [layers.Embedding(len(code) + 1, dimension, embeddings_initializer=normal) for code in codes[1:]]
        self.dense = keras.Sequential([layers.Dense(128, 'relu'), layers.Dense(64, 'relu'), layers.Dense(1, 'sigmoid')])

    def call(self, x):
        shown = self.table(x['advertiser'])
        history = ops.sum(self.table(x['history']) * x['share'], axis=1)
        others = [table(x[name]) for table, name in zip(self.others, columns[1:])]
        return self.dense(ops.concatenate([shown, history, shown * history, *others, x['hour']], axis=1))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight)
        if 'input' not in x:
            return loss  # validation: the clicks alone
        if sharing == 'hard':  # skip-gram with negative samples on the click network's own table (Mikolov et al. 2013)
            vector = self.table(x['input'])
            right = ops.sum(vector * self.context(x['target']), axis=-1)
            wrong = ops.sum(vector[:, :, None] * self.context(x['negative']), axis=-1)
            loss = loss + ops.mean(ops.softplus(-right) + ops.sum(ops.softplus(wrong), axis=-1))
        if sharing == 'soft':  # a table of its own, which pays for its distance from category2vec's vectors
            loss = loss + ops.mean(ops.sum(ops.square(self.table.embeddings - anchor), axis=1))
        return loss


training, validation, test = (encode(parts[part]) for part in ('training', 'validation', 'test'))
network = ClickNetwork()
network.compile(optimizer=keras.optimizers.Adam(0.001 if sharing == 'scratch' else 0.0003), loss='binary_crossentropy')
network({name: values[:1] for name, values in training[0].items()})
if sharing != 'scratch':
    network.table.set_weights([anchor])
stop = keras.callbacks.EarlyStopping('val_loss', patience=3, restore_best_weights=True)
network.fit(Batches(*training), validation_data=validation, epochs=20, callbacks=[stop], verbose=0)
metric = keras.metrics.AUC(num_thresholds=10_000)
metric.update_state(test[1], network.predict(test[0], batch_size=1024, verbose=0))
print(json.dumps({'sharing': sharing, 'rows': len(training[1]), 'auc': float(metric.result())}))
