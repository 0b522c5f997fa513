#!/bin/sh
# Makes default.pgo of this folder, with which Go compiles the Collector: a CPU
# profile of the program under the load of bench. Run it after changes of what takes
# the time, with nothing else running; it takes a minute and a build.
set -eu
cd "$(dirname "$0")"
profile=$(mktemp)
trap 'rm -f "$profile"' EXIT
# The program that is profiled is one without a profile: the next one depends on
# nothing but the code.
mv default.pgo "$profile" 2>/dev/null || true
sh build.sh
(cd ../bench && ACTIVITYLOG_PROFILE=$profile go test -count=1 -run 'TestProfile$' .)
mv "$profile" default.pgo
chmod 644 default.pgo
