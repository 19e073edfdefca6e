"""An exported embedding as a layer of PyTorch: python3 examples/embedding-in-pytorch.py vectors.npy category ...

Row 0 is the unknown category, so the files come from: category2vec export ... --format npy --unknown-row mean --out vectors.npy
"""

import json
import sys

import numpy as np
import torch

file, *categories = sys.argv[1:]
vectors = np.load(file)
row_of = {key: row for row, key in enumerate(json.load(open(file.replace('.npy', '.keys.json'), encoding='utf-8')))}

# padding_idx=0 would keep the unknown category from learning: it is a category like any other, not padding
layer = torch.nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=False)

rows = torch.tensor([row_of.get(category, 0) for category in categories])
for category, row, vector in zip(categories, rows.tolist(), layer(rows).tolist()):
    print(f'{category}: row {row}, [{", ".join(f"{value:.3f}" for value in vector[:4])}, …]')
