#!/bin/sh
# Installs the databases that the tests start for themselves: on Debian, as root,
# from Debian's packages. Elsewhere it says what is missing; the tests then skip
# what needs it, or fail when CI=true.
set -eu

# Each tells whether the database of a package is installed.
postgresql() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1; }
mariadb_server() { command -v mariadb-install-db >/dev/null 2>&1; }
clickhouse_server() { command -v clickhouse-server >/dev/null 2>&1; }
firebird_server() { ls /usr/lib/*/firebird/3.0/firebird.msg /usr/sbin/firebird >/dev/null 2>&1; }
# With these docs/getting-started.md looks at rows.
has() { command -v "$1" >/dev/null 2>&1; }

missing() {
	postgresql || echo postgresql
	mariadb_server || echo mariadb-server
	clickhouse_server || echo clickhouse-server
	firebird_server || echo firebird3.0-server
	has pgbouncer || [ -x /usr/sbin/pgbouncer ] || echo pgbouncer
	has sqlite3 || echo sqlite3
	has curl || echo curl
}

packages=$(missing)
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing from Debian's packages:" $packages
	# No service is to start, as in single-user mode: each test runs a private instance.
	export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
	apt-get update -qq
	# shellcheck disable=SC2086 # a list of words
	apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi
for package in $(missing); do
	echo "$package is not installed: the tests that need it will be SKIPPED (apt-get install $package)" >&2
done

sh "$(dirname "$0")/chdb.sh" # ClickHouse of this year: Debian's is of 2018
