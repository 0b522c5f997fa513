#!/bin/sh
# Runs goreleaser with the arguments of this script: "release --snapshot" makes dist/ and publishes
# nothing. With RELEASE_PLATFORMS=host it is for this machine's platform alone. goreleaser has no
# option for that, so it gets a configuration with other goos and goarch.
set -eu
cd "$(dirname "$0")/.."
config=.goreleaser.yaml
if [ "${RELEASE_PLATFORMS:-}" = host ]; then
	mkdir -p bin
	config=bin/goreleaser-host.yaml
	sed -e "s/goos: \[.*\]/goos: [$(go env GOHOSTOS)]/" -e "s/goarch: \[.*\]/goarch: [$(go env GOHOSTARCH)]/" .goreleaser.yaml >"$config"
fi
# Without a remote goreleaser does not look for the commit.
if [ -z "$(git remote)" ]; then
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=https://github.com/otelactivity/activitylog
fi
# The version is that of the last tag v1.2.3. It would also take instrument/v1.2.3, which is for Go.
if tag=$(git describe --tags --match 'v[0-9]*' --abbrev=0 2>/dev/null); then
	export GORELEASER_CURRENT_TAG="$tag"
fi
PATH="${RELEASE_TOOLS:-$PWD/bin}:$PATH" # goreleaser and cyclonedx-gomod, which make builds
exec goreleaser "$@" --clean --config "$config"
