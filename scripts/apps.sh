#!/bin/sh
# Installs the npm applications that make test-apps runs, unchanged, into bin/apps, and
# OpenTelemetry's zero-code instrumentation for Node.js beside them. That takes some
# minutes and 1.5 GB. BEFORE makes npm take the same versions each time.
set -eu
. "$(dirname "$0")/packages.sh"
cd "$(dirname "$0")/.."

BEFORE=2026-11-26
sources=e2e/apps/npm
target=bin/apps

give_up() {
	skipped "$1" "the tests of e2e/apps"
	exit 0
}

command -v node >/dev/null 2>&1 || install nodejs
command -v npm >/dev/null 2>&1 || install npm
command -v npm >/dev/null 2>&1 || give_up "nodejs and npm (apt-get install nodejs npm)"

# packages FOLDER installs what its package.json names, unless that has been done.
packages() {
	from=$sources/$1 into=$target/$1
	if cmp -s "$from/package.json" "$into/installed.json"; then return 0; fi
	may_install || give_up "the packages of $from/package.json (npm install)"
	echo "npm install in $into (ACTIVITYLOG_NO_INSTALL=1 installs nothing)"
	mkdir -p "$into"
	rm -f "$into/package-lock.json"
	cp -r "$from/." "$into"
	# Scripts of packages would download programs; none of the applications needs one.
	(cd "$into" && npm install --before=$BEFORE --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) ||
		give_up "npm install failed in $into"
	if [ -e "$into/prepare.sh" ]; then
		(cd "$into" && sh prepare.sh >prepare.log 2>&1) || give_up "prepare.sh failed, see $into/prepare.log"
	fi
	cp "$from/package.json" "$into/installed.json"
}

packages .
for folder in "$sources"/*/; do
	packages "$(basename "$folder")"
done
