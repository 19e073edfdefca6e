#!/usr/bin/env bash
# Installs what the tests of src/spark run against, in a virtual environment beside the packages: Sail, and with `all` Spark too (0.5 GB; it needs Java 17).
set -euo pipefail
cd "$(dirname "$0")/.."
python3 -m venv node_modules/.cache/spark
node_modules/.cache/spark/bin/pip install --quiet 'pysail==0.7.2'
if [ "${1:-}" = all ]; then node_modules/.cache/spark/bin/pip install --quiet 'pyspark==4.1.*'; fi
