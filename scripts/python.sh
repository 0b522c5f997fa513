#!/bin/sh
# Installs what the Django examples and their tests need, from Debian's packages, as
# root. Elsewhere it says what is missing; the test then skips, or fails when
# CI=true. A Python in PATH that has both is as good, and so is Debian's own.
set -eu

django() {
	python3 -c 'import django, rest_framework, psycopg2' 2>/dev/null ||
		/usr/bin/python3 -c 'import django, rest_framework, psycopg2' 2>/dev/null
}

packages="python3-django python3-djangorestframework python3-psycopg2"
if ! django && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing from Debian's packages: $packages"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086 # a list of words
	apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi
if ! django; then
	echo "not installed: $packages: the tests of examples/django and django_admin will be SKIPPED (apt-get install $packages)" >&2
	if [ "${CI:-}" = true ]; then exit 1; fi
fi
