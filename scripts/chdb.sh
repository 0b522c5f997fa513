#!/bin/sh
# Fetches the ClickHouse engine that the tests run, a library that npm has for
# Linux on x86-64 with glibc, into the user's cache; its checksum is below.
# Elsewhere it says that it is missing; the tests then skip what needs it, or fail
# when CI=true.
set -eu

version=26.5.3
checksum=7cfacb991b79328a2bf721b3e266b36eb3637b8b7b5fd281da64c6917156471441b3688acbcca1ea3c75d71b1ad10af788314c53fc87a9df9b55d6095eedd069
folder="${XDG_CACHE_HOME:-$HOME/.cache}/activitylog/chdb-$version"

fetch_engine() {
	mkdir -p "$folder"
	work=$(mktemp -d "$folder/work.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && npm pack --silent "@chdb/lib-linux-x64-gnu@$version" >/dev/null) || {
		echo "npm does not have the ClickHouse engine for us: the tests that need it will be SKIPPED" >&2
		return 0
	}
	archive="$work/chdb-lib-linux-x64-gnu-$version.tgz"
	echo "$checksum  $archive" | sha512sum --check --status || {
		echo "$archive is not what it should be: its SHA-512 is not $checksum" >&2
		exit 1
	}
	tar -xzf "$archive" -C "$work" package/libchdb.so
	mv "$work/package/libchdb.so" "$folder/libchdb.so"
}

if [ ! -e "${ACTIVITYLOG_CHDB:-$folder/libchdb.so}" ]; then
	if [ "$(uname -sm)" = "Linux x86_64" ] && command -v npm >/dev/null 2>&1; then
		echo "fetching the ClickHouse engine $version from npm (167 MB)"
		fetch_engine
	else
		echo "The ClickHouse engine is not there, and npm or Linux on x86-64 neither: the tests that need it will be SKIPPED" >&2
	fi
fi
