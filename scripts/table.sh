#!/bin/sh
# Puts the table that "make test-faults" has written to bin/faults.md into docs/delivery.md, between
# its two comments; or with the argument scale that of "make test-scale" into docs/operate/scale.md.
set -eu
cd "$(dirname "$0")/.."
name="${1:-faults}"
case "$name" in
faults) page=docs/delivery.md ;;
scale) page=docs/operate/scale.md ;;
*) echo "want faults or scale, got $name" >&2; exit 1 ;;
esac
awk -v name="$name" '
	$0 ~ "<!-- table of " name ": end -->" { inside = 0 }
	!inside { print }
	$0 ~ "<!-- table of " name ": begin" {
		inside = 1
		while ((getline line < ("bin/" name ".md")) > 0) print line
	}
' "$page" >bin/page.md
cat bin/page.md >"$page"
rm bin/page.md
