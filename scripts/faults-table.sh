#!/bin/sh
# Puts the table that "make test-faults" has written to bin/faults.md into
# docs/delivery.md, between its two comments.
set -eu
cd "$(dirname "$0")/.."
awk '
	/<!-- table of faults: end -->/ { inside = 0 }
	!inside { print }
	/<!-- table of faults: begin/ {
		inside = 1
		while ((getline line < "bin/faults.md") > 0) print line
	}
' docs/delivery.md >bin/delivery.md
cat bin/delivery.md >docs/delivery.md
rm bin/delivery.md
