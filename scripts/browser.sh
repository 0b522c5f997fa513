#!/bin/sh
# Installs Debian's Chromium, as root, for the test of examples/django_admin.
# Elsewhere it says what is missing; the test then skips, or fails when CI=true.
set -eu

browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

if ! browser >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing from Debian's packages: chromium"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
if ! browser >/dev/null; then
	echo "not installed: chromium: the test of examples/django_admin will be SKIPPED (apt-get install chromium)" >&2
	if [ "${CI:-}" = true ]; then exit 1; fi
fi
