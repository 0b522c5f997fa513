#!/bin/sh
# Makes dist/ by goreleaser, without publishing: programs, archives, packages, SBOMs, checksums.
# With RELEASE_PLATFORMS=host it is for this machine's platform alone. goreleaser has no option
# for that, so it gets a configuration with other goos and goarch.
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
PATH="${RELEASE_TOOLS:-$PWD/bin}:$PATH" # goreleaser and cyclonedx-gomod, which make builds
exec goreleaser release --snapshot --clean --config "$config" "$@"
