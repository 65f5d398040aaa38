#!/usr/bin/env bash
# Builds cmd/signer for the browser into internal/web/signer/built, which the binary embeds. Packing takes half a minute and is
# left out when the program has not changed.
set -euo pipefail
cd "$(dirname "$0")/.."

built=internal/web/signer/built
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

CGO_ENABLED=0 GOOS=js GOARCH=wasm go build -trimpath -buildvcs=false -ldflags='-s -w' -o "$made/signer.wasm" ./cmd/signer
script=$(go env GOROOT)/lib/wasm/wasm_exec.js
cmp -s "$script" "$built/wasm_exec.js" || cp "$script" "$built/wasm_exec.js"

digest=$(sha256sum <"$made/signer.wasm")
if [ "$(cat "$built/digest" 2>/dev/null)" = "$digest" ] && [ -s "$built/signer.wasm.br" ] && [ -s "$built/signer.wasm.gz" ]; then
	exit 0
fi
(cd tools && go build -o "$made/pack" ./pack)
"$made/pack" "$made/signer.wasm" "$made/packed"
mv "$made/packed.br" "$built/signer.wasm.br"
mv "$made/packed.gz" "$built/signer.wasm.gz"
chmod 644 "$built"/signer.wasm.* "$built/wasm_exec.js"
echo "$digest" >"$built/digest"
