#!/usr/bin/env bash
# Says in the first second what the tests need and this machine lacks, with the line that installs it; installs it where
# ELICENSE_INSTALL=1 and the user is root.
set -euo pipefail

missing=()
need() { # need PACKAGE COMMAND...: the package gives the command
	local package=$1 command
	shift
	for command in "$@"; do
		command -v "$command" >/dev/null || missing+=("$package")
	done
}

if ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then need postgresql postgres; fi
if [ -z "${CHROMIUM:-}" ] && [ ! -x /usr/bin/chromium ]; then missing+=(chromium); fi
if [ -n "${CHROMIUM:-}" ] && [ ! -x "$CHROMIUM" ]; then echo "CHROMIUM names $CHROMIUM, which cannot be run" >&2; exit 1; fi
need poppler-utils pdftotext pdfinfo pdffonts pdfsig pdftoppm
need qpdf qpdf
need openssl openssl
if ! compgen -G '/usr/lib/*/engines-3/gost.so' >/dev/null; then missing+=(libengine-gost-openssl); fi
need git git
need nodejs node
need npm npm

if [ ${#missing[@]} -gt 0 ]; then
	mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
	install="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
	if [ "${ELICENSE_INSTALL:-}" = 1 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		export DEBIAN_FRONTEND=noninteractive
		echo "installing: ${missing[*]}"
		apt-get update -q
		apt-get install -y -q --no-install-recommends "${missing[@]}"
		exec "$0"
	fi
	echo "The tests need what this machine lacks. Install it:" >&2
	echo "  $install" >&2
	echo "(or run as root with ELICENSE_INSTALL=1)" >&2
	exit 1
fi

if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
	echo "Node 20 or later is needed for the browser tests, this is $(node --version)" >&2
	exit 1
fi
