#!/bin/sh
# Installs Prometheus and promtool from Debian's packages, for the test of
# examples/prometheus.
set -eu
. "$(dirname "$0")/packages.sh"

has() { command -v promtool >/dev/null 2>&1; }
has || install prometheus
has || skipped prometheus "the test of examples/prometheus (apt-get install prometheus)"
