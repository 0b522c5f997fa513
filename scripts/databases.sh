#!/bin/sh
# Installs the databases that the tests start for themselves: on Debian, as root,
# from Debian's packages. Elsewhere it says what is missing; the tests then skip
# what needs it, or fail when CI=true.
set -eu

installed() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1; }

if installed; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing PostgreSQL from Debian's packages"
	# No service is to start: each test runs a private instance.
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends postgresql >/dev/null
fi
if ! installed; then
	echo "PostgreSQL is not installed: the tests that need it will be SKIPPED (apt-get install postgresql)" >&2
fi
