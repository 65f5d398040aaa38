#!/usr/bin/env bash
# The browser tests: the components, the journeys and every page, side by side, since a browser waits more than it works.
# Parts are files of e2e/ with their options; without any all run. The last line is the sum: "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../e2e"

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	npm ci --no-audit --no-fund --loglevel=error
	touch node_modules/.package-lock.json
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ -z "${ELICENSE:-}" ]; then
	export ELICENSE="$folder/elicense"
	(cd .. && CGO_ENABLED=0 go build -o "$ELICENSE" ./cmd/elicense)
fi
if [ $# = 0 ]; then
	set -- gallery.mjs "portal.mjs --only journey" "portal.mjs --only pages"
fi

# run runs a part and says how it went. A part that hangs is ended.
run() {
	local started=$SECONDS
	# shellcheck disable=SC2086 # the part is a file and its options
	timeout --kill-after=10 2400 node $2 </dev/null >"$folder/$1" 2>&1 || touch "$folder/failed"
	echo "e2e: $2 took $((SECONDS - started)) s"
	cat "$folder/$1"
}

number=0
for part in "$@"; do
	number=$((number + 1))
	run "$number.txt" "$part" &
done
wait

passed=0 failed=0
while read -r p _ f _; do
	passed=$((passed + p)) failed=$((failed + f))
done < <(cat "$folder"/*.txt | grep -E '^[0-9]+ passed, [0-9]+ failed$')
echo "e2e: $passed passed, $failed failed"
[ ! -e "$folder/failed" ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
