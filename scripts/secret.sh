#!/bin/sh
# Prints one of this machine's secrets, made at the first call; safe when several processes call at once. airflow.cfg uses it.
set -eu
umask 077
folder="${KOPPEL_HOME:-${AIRFLOW_HOME:?}/.koppel}/secrets"
file="$folder/$1"
mkdir -p "$folder"
if [ ! -s "$file" ]; then
  made=$(mktemp "$folder/.XXXXXX")
  head -c 32 /dev/urandom | base64 | tr '+/' '-_' > "$made"
  ln "$made" "$file" 2>/dev/null || true # another process was first, and its secret holds
  rm -f "$made"
fi
cat "$file"
