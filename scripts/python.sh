#!/bin/sh
# Installs what the Django examples and their tests need, from Debian's packages. Any
# Python in PATH that has the three modules will do.
set -eu
. "$(dirname "$0")/packages.sh"

packages="python3-django python3-djangorestframework python3-psycopg2"
django() {
	python3 -c 'import django, rest_framework, psycopg2' 2>/dev/null ||
		/usr/bin/python3 -c 'import django, rest_framework, psycopg2' 2>/dev/null
}

# shellcheck disable=SC2086 # a list of words
django || install $packages
django || skipped "$packages" "the tests of examples/django and examples/django_admin (apt-get install $packages)"
