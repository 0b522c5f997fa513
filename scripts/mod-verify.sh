#!/bin/sh
# Compares the modules in the module cache with the checksums of go.sum, for the modules in the
# folders that are given as arguments. A module that is not in the cache is not compared: no
# build has used it.
set -eu
cd "$(dirname "$0")/.."
failed=
for module in "$@"; do
	if ! said=$(cd "$module" && go mod verify 2>&1); then
		echo "$module: $said" >&2
		failed=yes
	fi
done
[ -z "$failed" ] || { echo "go mod verify failed: what was downloaded is not what go.sum says" >&2; exit 1; }
echo "go mod verify: $# modules"
