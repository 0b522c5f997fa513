#!/bin/sh
# Installs what examples/node and its test need: Node.js and npm from Debian's
# packages, and the packages that examples/node/package-lock.json names.
set -eu
. "$(dirname "$0")/packages.sh"
cd "$(dirname "$0")/../examples/node"

missing() {
	command -v node >/dev/null 2>&1 || echo nodejs
	command -v npm >/dev/null 2>&1 || echo npm
}

give_up() {
	skipped "$1" "the test of examples/node"
	exit 0
}

# shellcheck disable=SC2046 # a list of words
install $(missing)
packages=$(missing)
if [ -n "$packages" ]; then
	give_up "$(echo $packages) (apt-get install $(echo $packages))"
fi
# A copy of the lock file is kept beside the packages that it led to.
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
	may_install || give_up "the packages of examples/node/package-lock.json (npm ci)"
	echo "npm ci in examples/node (ACTIVITYLOG_NO_INSTALL=1 installs nothing)"
	# None of the packages needs a script of its own, so none runs.
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || give_up "npm ci failed in examples/node"
	cp package-lock.json node_modules/.installed-lock.json
fi
