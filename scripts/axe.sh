#!/bin/sh
# Installs axe-core, which reader/web/internal/webtest looks at the page with, from npm.
set -eu
. "$(dirname "$0")/packages.sh"
cd "$(dirname "$0")/../reader/web/internal/webtest"

give_up() {
	skipped "$1" "TestAccessibility of reader/web/internal/webtest"
	exit 0
}

command -v npm >/dev/null 2>&1 || give_up "npm (apt-get install npm)"
# A copy of the lock file is kept beside the packages that it led to.
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
	may_install || give_up "the packages of reader/web/internal/webtest/package-lock.json (npm ci)"
	echo "npm ci in reader/web/internal/webtest (ACTIVITYLOG_NO_INSTALL=1 installs nothing)"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || give_up "npm ci failed in reader/web/internal/webtest"
	cp package-lock.json node_modules/.installed-lock.json
fi
