#!/bin/sh
# Fetches the ClickHouse engine that the tests run into the user's cache: a library
# that npm has for Linux on x86-64 with glibc. Its checksum is below.
set -eu
. "$(dirname "$0")/packages.sh"

version=26.5.3
checksum=7cfacb991b79328a2bf721b3e266b36eb3637b8b7b5fd281da64c6917156471441b3688acbcca1ea3c75d71b1ad10af788314c53fc87a9df9b55d6095eedd069
folder="${XDG_CACHE_HOME:-$HOME/.cache}/activitylog/chdb-$version"

fetch_engine() {
	mkdir -p "$folder"
	work=$(mktemp -d "$folder/work.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && npm pack --silent "@chdb/lib-linux-x64-gnu@$version" >/dev/null) || {
		skipped "the ClickHouse engine $version, which npm could not fetch" "the tests of ClickHouse"
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

[ -e "${ACTIVITYLOG_CHDB:-$folder/libchdb.so}" ] && exit 0
command -v npm >/dev/null 2>&1 || install nodejs npm
if may_install && [ "$(uname -sm)" = "Linux x86_64" ] && command -v npm >/dev/null 2>&1; then
	echo "fetching the ClickHouse engine $version from npm, 167 MB (ACTIVITYLOG_NO_INSTALL=1 fetches nothing)"
	fetch_engine
else
	skipped "the ClickHouse engine $version (npm, on Linux x86-64)" "the tests of ClickHouse"
fi
