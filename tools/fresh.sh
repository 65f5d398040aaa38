#!/usr/bin/env bash
# Makes the Go files of the templates anew in a copy and compares: what is committed must be what the templates say.
set -euo pipefail
cd "$(dirname "$0")/.."

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
go build -modfile=tools/go.mod -o "$copy/templ" github.com/a-h/templ/cmd/templ
mkdir "$copy/tree"
git ls-files -z '*.templ' | xargs -0 cp --parents -t "$copy/tree"
cp go.mod "$copy/tree/"
(cd "$copy/tree" && "$copy/templ" generate -path . -log-level error)

stale=0
while read -r made; do
	if ! cmp -s "$copy/tree/$made" "$made"; then
		echo "not what its template says (make generate): $made"
		stale=1
	fi
done < <(cd "$copy/tree" && find . -name '*_templ.go' | sed 's,^\./,,' | sort)
while read -r kept; do
	if [ ! -e "$copy/tree/$kept" ]; then
		echo "without a template: $kept"
		stale=1
	fi
done < <(git ls-files '*_templ.go')
exit $stale
