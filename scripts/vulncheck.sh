#!/bin/sh
# Runs govulncheck on the modules in the folders that are given as arguments. It ends with an
# error if it finds a vulnerability in code that is called, or cannot analyse a module. Where the
# database cannot be reached it says that nothing was checked, and ends without an error, but
# with one if VULNCHECK=required: a release needs the check. GOVULNDB names another database.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
root=$PWD
found=
for module in "$@"; do
	code=0
	said=$(cd "$module" && "${GOVULNCHECK:-$root/bin/govulncheck}" ./... 2>&1) || code=$?
	case $code in
	0) echo "$module: no known vulnerability in code that is called" ;;
	3) echo "$module: $said" && found="$found $module" ;;
	*)
		case $said in
		*"fetching vulnerabilities"*)
			echo "$said" >&2
			if [ "${VULNCHECK:-}" = required ]; then
				echo "NOT CHECKED, and VULNCHECK=required: the database of vulnerabilities cannot be reached" >&2
				exit 2
			fi
			CI='' # not even there: this is no finding
			skipped "the database of vulnerabilities, which cannot be reached" "make vulncheck. NO MODULE WAS CHECKED FOR KNOWN VULNERABILITIES"
			exit 0
			;;
		esac
		echo "$module: govulncheck failed with code $code: $said" >&2
		exit "$code"
		;;
	esac
done
[ -z "$found" ] || { echo "known vulnerabilities in:$found" >&2; exit 1; }
