#!/bin/sh
# Puts the lines about failing-over databases that "make test-scale" has written to
# bin/scale.md into docs/operate/failover.md, between its two comments.
set -eu
cd "$(dirname "$0")/.."
page=docs/operate/failover.md
awk '
	/<!-- table of failovers: end -->/ { inside = 0 }
	!inside { print }
	/<!-- table of failovers: begin/ {
		inside = 1
		while ((getline line < "bin/scale.md") > 0) {
			if (line ~ /^\| a failing-over database / || line ~ /^\| configuration / || line ~ /^\|---/) {
				sub(/^\| a failing-over database \|/, "|", line)
				sub(/^\| configuration \|/, "|", line)
				if (line ~ /^\|---/) sub(/^\|---/, "", line)
				print line
			} else {
				if (line !~ /^\|/) print line
			}
		}
	}
' $page >bin/failover.md
cat bin/failover.md >$page
rm bin/failover.md
