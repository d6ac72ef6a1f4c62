#!/bin/sh
# Installs Orrery from this folder alone.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
wanted=$(cat wheels/for)
found=$("$python" which.py)
if [ "$found" != "$wanted" ]; then
    echo "These packages are for $wanted, and $python is $found." >&2
    echo "Name another by PYTHON=/path/to/it, or make the folder anew with this one." >&2
    exit 1
fi
"$python" -m venv orrery/.venv
PIP_CONFIG_FILE=/dev/null orrery/.venv/bin/pip install --quiet --disable-pip-version-check \
    --no-index --find-links wheels -r orrery/requirements.txt
echo "Installed. This starts it, open to the room:"
echo "$PWD/orrery/.venv/bin/python $PWD/orrery/app.py --host 0.0.0.0"
