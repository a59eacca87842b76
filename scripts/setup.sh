#!/bin/sh
# Makes .venv with everything in requirements.txt, once; `make setup` calls it, and again only when those files change.
# PYTHON=... chooses the interpreter. Every way to fail ends in a sentence that says what to do.
set -eu
cd "$(dirname "$0")/.."
venv=.venv
stamp=$venv/.koppel-setup
needed_mb=3000

stop() {
  printf 'Koppel: %s\n' "$*" >&2
  exit 1
}

is_new_enough() {
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

find_python() {
  for name in ${PYTHON:-python3.13 python3.12 python3.11 python3 python3.14}; do
    if is_new_enough "$name"; then
      command -v "$name"
      return
    fi
  done
}

wanted() { # what the environment is made of, and where: a checkout that was moved needs a new one
  pwd
  cat requirements.txt pyproject.toml scripts/setup.sh
}

if [ -f "$stamp" ] && wanted | cmp -s - "$stamp" && is_new_enough "$venv/bin/python"; then
  exit 0
fi

python=$(find_python)
[ -n "$python" ] || stop "needs Python 3.11 or newer, and found $(python3 --version 2>&1 || true)." \
  "Install one (Debian: apt install python3.11-venv), or say where it is: make setup PYTHON=/path/to/python3.12"
free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free_mb" -ge "$needed_mb" ] || [ -d "$venv/lib" ] ||
  stop "needs $needed_mb MB of disk for its packages, and there are $free_mb MB in $(pwd). Make room, or clone it elsewhere."

echo "Koppel: setting up $venv with $("$python" --version) ..."
if ! is_new_enough "$venv/bin/python" || ! [ "$(head -n 1 "$stamp" 2>/dev/null || pwd)" = "$(pwd)" ]; then
  "$python" -m venv --clear "$venv" ||
    stop "could not make $venv. On Debian and Ubuntu: apt install $(basename "$python")-venv; and look whether you may write here."
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1" ||
  stop "could not get the installer (uv) from the package index. Look whether this machine reaches it, then run make again."

# uv is ten times faster than pip, and does not read pip's own settings; where it finds no index, pip still may.
if ! "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --compile-bytecode -r requirements.txt; then
  echo "Koppel: trying again with pip, which takes some minutes ..."
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements.txt ||
    stop "could not install requirements.txt; the lines above say why. No space: make room. No network: connect. Then run make again."
fi
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps -e . 2> /dev/null ||
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -e . ||
  stop "could not install Koppel itself from $(pwd); the lines above say why."
wanted > "$stamp"
echo "Koppel: set up."
