#!/bin/sh
# Puts a table that tests have written into the page that shows it, between its two comments:
#   sh scripts/table.sh             every fault: "make test-faults", docs/delivery.md
#   sh scripts/table.sh scale       several collectors: "make test-scale", docs/operate/scale.md
#   sh scripts/table.sh failovers   failing-over databases, of the same file: docs/operate/failover.md
set -eu
cd "$(dirname "$0")/.."
name="${1:-faults}"
case "$name" in
faults) file=bin/faults.md page=docs/delivery.md ;;
scale) file=bin/scale.md page=docs/operate/scale.md ;;
failovers) file=bin/scale.md page=docs/operate/failover.md ;;
*) echo "want faults, scale or failovers, got $name" >&2; exit 1 ;;
esac
[ -s "$file" ] || { echo "there is no $file; make test-faults and make test-scale write it" >&2; exit 1; }
awk -v name="$name" -v file="$file" '
	# wanted says whether a line belongs on the page: each place of test-scale is on one page.
	function wanted(line) {
		if (line !~ /^\| (a failing-over database|ClickHouse)/) return name != "failovers" || line !~ /^\| / || line ~ /^\| configuration/
		return name == "failovers" && line !~ /^\| ClickHouse/
	}
	$0 ~ "<!-- table of " name ": end -->" { inside = 0 }
	!inside { print }
	$0 ~ "<!-- table of " name ": begin" {
		inside = 1
		while ((getline line < file) > 0) {
			if (!wanted(line)) continue
			if (name == "failovers") sub(/^\|[^|]*\|/, "|", line) # all have one place
			print line
		}
	}
' "$page" >bin/page.md
cat bin/page.md >"$page"
rm bin/page.md
