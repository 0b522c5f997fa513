#!/bin/sh
# Installs what the tests of deb and rpm look into them with, from Debian's packages.
# Tests that lack one are skipped, or fail when CI=true.
set -eu
. "$(dirname "$0")/packages.sh"

has() { command -v "$1" >/dev/null 2>&1; }

# missing lists the packages that are not installed.
missing() {
	has rpm || echo rpm
	has rpm2cpio || echo rpm2cpio
	has cpio || echo cpio
	has systemd-analyze || echo systemd
	has groff || echo groff-base
	has useradd || echo passwd
	has unshare || echo util-linux
}

# shellcheck disable=SC2046 # a list of words
install $(missing)
for package in $(missing); do
	skipped "$package" "the tests of packages that use it (apt-get install $package)"
done
if [ "$(id -u)" != 0 ]; then
	skipped "the packages" "the tests of packages that install them (run make release-test-packages as root)"
fi
