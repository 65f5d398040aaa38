#!/usr/bin/env bash
# Runs every fuzz test for FUZZTIME, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' internal cmd | sort | while read -r file; do
	grep -oE '^func Fuzz[A-Za-z0-9]+' "$file" | cut -c6- | while read -r name; do
		echo "== $(dirname "$file") $name"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-10s}" -fuzzminimizetime 1s "./$(dirname "$file")"
	done
done
