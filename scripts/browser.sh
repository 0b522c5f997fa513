#!/bin/sh
# Installs Debian's Chromium, for the tests of examples/django_admin and reader/web/internal/webtest.
set -eu
. "$(dirname "$0")/packages.sh"

has() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has >/dev/null || install chromium
has >/dev/null || skipped chromium "the tests of examples/django_admin and reader/web/internal/webtest (apt-get install chromium)"
