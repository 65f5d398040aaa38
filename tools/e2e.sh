#!/usr/bin/env bash
# The browser tests: components first, then the program. Parts are files of e2e/ with their options; without any all run.
# The last line is the sum: "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../e2e"

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	npm ci --no-audit --no-fund --loglevel=error
	touch node_modules/.package-lock.json
fi

out=$(mktemp)
trap 'rm -f "$out"' EXIT
code=0
if [ $# = 0 ]; then
	set -- gallery.mjs portal.mjs # the components, then the journeys and every page
fi
for part in "$@"; do
	echo "e2e: $part"
	started=$SECONDS
	# A part that hangs is ended: the slowest takes five minutes on a quiet machine.
	# shellcheck disable=SC2086 # the part is a file and its options
	timeout --kill-after=10 2400 node $part </dev/null 2>&1 | tee -a "$out" || code=1
	echo "e2e: $part took $((SECONDS - started)) s"
done

passed=0 failed=0
while read -r p _ f _; do
	passed=$((passed + p)) failed=$((failed + f))
done < <(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$out")
echo "e2e: $passed passed, $failed failed"
[ "$code" = 0 ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
