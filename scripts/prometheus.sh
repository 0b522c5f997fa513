#!/bin/sh
# Installs Prometheus and promtool from Debian's packages, as root, for the test of
# examples/prometheus. Its service is not started. Elsewhere it says what is
# missing; the test then skips, or fails when CI=true.
set -eu

if ! command -v promtool >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing from Debian's packages: prometheus"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends prometheus >/dev/null
fi
if ! command -v promtool >/dev/null 2>&1; then
	echo "not installed: prometheus: the test of examples/prometheus will be SKIPPED (apt-get install prometheus)" >&2
	if [ "${CI:-}" = true ]; then exit 1; fi
fi
