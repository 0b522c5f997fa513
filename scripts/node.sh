#!/bin/sh
# Installs what the Node example and its test need: Node.js and npm from
# Debian's packages where they are missing (as root), and the packages that
# examples/node/package-lock.json names, when that has changed. Elsewhere it says
# what is missing; the test then skips, or fails when CI=true.
set -eu
cd "$(dirname "$0")/../examples/node"

missing() {
	command -v node >/dev/null 2>&1 || echo nodejs
	command -v npm >/dev/null 2>&1 || echo npm
}

packages=$(missing)
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing from Debian's packages:" $packages
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086 # a list of words
	apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi

give_up() {
	echo "$1: the test of examples/node will be SKIPPED" >&2
	if [ "${CI:-}" = true ]; then exit 1; fi
	exit 0
}

packages=$(missing)
if [ -n "$packages" ]; then
	give_up "not installed: $(echo $packages) (apt-get install $(echo $packages))"
fi
# The lock file of what is installed is kept beside it.
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
	echo "npm ci in examples/node"
	# No package's own script is needed, so none runs.
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || give_up "npm ci failed in examples/node"
	cp package-lock.json node_modules/.installed-lock.json
fi
