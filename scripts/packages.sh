# shellcheck shell=sh
# Sourced by the scripts that install what the tests start.

# install PACKAGE... installs packages from Debian, as root on Debian. It says so
# before it begins. With ACTIVITYLOG_NO_INSTALL=1, and anywhere else, it does nothing.
install() {
	[ $# -gt 0 ] || return 0
	may_install || return 0
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 0
	echo "installing from Debian's packages: $* (ACTIVITYLOG_NO_INSTALL=1 installs nothing)"
	# No service starts, as in single-user mode: each test runs a private instance.
	export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# may_install succeeds unless ACTIVITYLOG_NO_INSTALL forbids to install anything.
may_install() { [ -z "${ACTIVITYLOG_NO_INSTALL:-}" ] || [ "$ACTIVITYLOG_NO_INSTALL" = 0 ]; }

# skipped WHAT TESTS says that tests will be skipped, at once and at the end of make
# test. With CI=true it ends the script with an error.
skipped() {
	echo "NOT INSTALLED: $1. SKIPPED: $2" >&2
	if [ -n "${ACTIVITYLOG_SKIPPED:-}" ]; then
		echo "NOT INSTALLED: $1. SKIPPED: $2" >>"$ACTIVITYLOG_SKIPPED"
	fi
	if [ "${CI:-}" = true ]; then exit 1; fi
}
