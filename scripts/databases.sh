#!/bin/sh
# Installs the databases that the tests start for themselves, and the proxies before them, from
# Debian's packages.
# Tests that lack one are skipped, or fail when CI=true.
set -eu
. "$(dirname "$0")/packages.sh"

has() { command -v "$1" >/dev/null 2>&1; }

# missing lists the packages that are not installed.
missing() {
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has initdb || echo postgresql
	has mariadb-install-db || echo mariadb-server
	has clickhouse-server || echo clickhouse-server
	# ZooKeeper, for replicas of ClickHouse: the library alone, since the package zookeeper brings a desktop's Java.
	[ -e /usr/share/java/zookeeper.jar ] || echo libzookeeper-java
	has java || echo default-jre-headless
	ls /usr/lib/*/firebird/3.0/firebird.msg /usr/sbin/firebird >/dev/null 2>&1 || echo firebird3.0-server
	# A cluster of MariaDB, and that by which its nodes get their data.
	ls /usr/lib/galera/libgalera_smm.so >/dev/null 2>&1 || echo galera-4
	has rsync || echo rsync
	has pgbouncer || [ -x /usr/sbin/pgbouncer ] || echo pgbouncer
	# e2e/scale has them in front of collectors and of databases.
	has haproxy || [ -x /usr/sbin/haproxy ] || echo haproxy
	has nginx || [ -x /usr/sbin/nginx ] || echo nginx
	# docs/getting-started.md uses these two.
	has sqlite3 || echo sqlite3
	has curl || echo curl
}

# shellcheck disable=SC2046 # a list of words
install $(missing)
for package in $(missing); do
	skipped "$package" "the tests that start it (apt-get install $package)"
done

sh "$(dirname "$0")/chdb.sh" # Debian's ClickHouse is of 2018
