"""An exported embedding as a layer of Keras: python3 examples/embedding-in-keras.py vectors.npy category ...

Row 0 is the unknown category, so the files come from: category2vec export ... --format npy --unknown-row mean --out vectors.npy
"""

import json
import sys

import keras
import numpy as np

file, *categories = sys.argv[1:]
vectors = np.load(file)
row_of = {key: row for row, key in enumerate(json.load(open(file.replace('.npy', '.keys.json'), encoding='utf-8')))}

# mask_zero=True would take row 0 for padding: it is the unknown category, and is looked up like any other
layer = keras.layers.Embedding(*vectors.shape, mask_zero=False)
layer.build((None, 1))
layer.set_weights([vectors])

rows = np.array([row_of.get(category, 0) for category in categories])
for category, row, vector in zip(categories, rows.tolist(), np.asarray(layer(rows)).tolist()):
    print(f'{category}: row {row}, [{", ".join(f"{value:.3f}" for value in vector[:4])}, …]')
