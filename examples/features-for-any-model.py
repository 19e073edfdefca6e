"""Features of histories in other models: python3 examples/features-for-any-model.py users.npy world/users.csv

The files come from: category2vec features ... --out users.npy, and category2vec simulate --out world
A logistic regression and gradient boosting of scikit-learn learn from 70 % of the users; the scores are of the others.
"""

import csv
import json
import sys
from collections import Counter

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

features_file, users_file = sys.argv[1:]
features = np.load(features_file)
keys = json.load(open(features_file.replace('.npy', '.keys.json'), encoding='utf-8'))
users = {row['user_id']: row for row in csv.DictReader(open(users_file, encoding='utf-8'))}

languages = np.array([users[key]['language'] for key in keys])
topic = Counter(topic for key in keys for topic in users[key]['topics'].split('|')).most_common(1)[0][0]
likes = np.array([topic in users[key]['topics'].split('|') for key in keys])
training, test = train_test_split(np.arange(len(keys)), test_size=0.3, random_state=1)

models = {
    'logistic regression': lambda: make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000)),
    'gradient boosting': lambda: HistGradientBoostingClassifier(max_iter=50, random_state=1),
}

print(f'{len(training)} users to learn from, {len(test)} held out, {features.shape[1]} numbers each')

print("\nThe user's language, accuracy")
most_common = Counter(languages[training]).most_common(1)[0][0]
print(f'  {"most common language":28} {np.mean(languages[test] == most_common):.3f}')
for name, make in models.items():
    model = make().fit(features[training], languages[training])
    print(f'  {name:28} {model.score(features[test], languages[test]):.3f}')

print(f'\nDoes the user like {topic}? AUC')
print(f'  {"number of clicks alone":28} {roc_auc_score(likes[test], features[test, 0]):.3f}')
for name, make in models.items():
    model = make().fit(features[training], likes[training])
    print(f'  {name:28} {roc_auc_score(likes[test], model.predict_proba(features[test])[:, 1]):.3f}')
