#!/usr/bin/env bash
# Installs what the tests of src/spark run against, in a virtual environment beside the packages or in the folder that is
# named: Spark (0.5 GB; it needs Java 17) and Sail, which needs Spark's Python package.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-node_modules/.cache/spark}
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet 'pysail==0.7.2' 'pyspark==4.1.3'
