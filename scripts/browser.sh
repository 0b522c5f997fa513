#!/bin/sh
# Installs Debian's Chromium, for the test of examples/django_admin.
set -eu
. "$(dirname "$0")/packages.sh"

has() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has >/dev/null || install chromium
has >/dev/null || skipped chromium "the test of examples/django_admin (apt-get install chromium)"
