#!/bin/sh
# Compiles the Collector of this folder to ../bin/otelcol-activitylog. Without
# cgo it runs in an image that has no C library; all our drivers are pure Go.
set -eu
cd "$(dirname "$0")"
CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o ../bin/otelcol-activitylog .
