package activitytest

import (
	"fmt"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// none is in the place of an index in a pair, if there is nothing to compare with.
const none = -1

// pair says which activity is compared with which wanted one, by their indices.
type pair struct{ got, want int }

// alone is what it costs to leave an activity without a pair, in differences. Two that differ in
// more are shown as one that is missing and one that is not wanted.
const alone = 3

// align pairs activities in their order, with as few differences as possible: an activity that
// is missing must not make all later ones differ.
func align(got, want []activity.Activity) []pair {
	costs := make([][]int, len(got)+1) // of pairing the rest, from these indices on
	for i := range costs {
		costs[i] = make([]int, len(want)+1)
	}
	between := make([][]int, len(got))
	for i := len(got); i >= 0; i-- {
		if i < len(got) {
			between[i] = make([]int, len(want))
		}
		for j := len(want); j >= 0; j-- {
			if i == len(got) || j == len(want) {
				costs[i][j] = alone * (len(got) - i + len(want) - j)
				continue
			}
			between[i][j] = len(differences(&got[i], &want[j]))
			costs[i][j] = min(between[i][j]+costs[i+1][j+1], alone+costs[i+1][j], alone+costs[i][j+1])
		}
	}
	var pairs []pair
	for i, j := 0, 0; i < len(got) || j < len(want); {
		switch {
		case i < len(got) && j < len(want) && costs[i][j] == between[i][j]+costs[i+1][j+1]:
			pairs = append(pairs, pair{i, j})
			i, j = i+1, j+1
		case i < len(got) && (j == len(want) || costs[i][j] == alone+costs[i+1][j]):
			pairs = append(pairs, pair{i, none})
			i++
		default:
			pairs = append(pairs, pair{none, j})
			j++
		}
	}
	return pairs
}

// assign pairs activities that do not differ, in any order and as many as possible, and aligns
// the rest.
func assign(got, want []activity.Activity) (pairs []pair) {
	taken := make([]int, len(got)) // the wanted activity of each
	for i := range taken {
		taken[i] = none
	}
	left := make(map[int]bool)
	for j := range want {
		if !place(got, want, taken, j, make([]bool, len(got))) {
			left[j] = true
		}
	}
	var restGot, restWant []activity.Activity
	var gotIndices, wantIndices []int
	for i, j := range taken {
		if j == none {
			restGot, gotIndices = append(restGot, got[i]), append(gotIndices, i)
		}
	}
	for j := range want {
		if left[j] {
			restWant, wantIndices = append(restWant, want[j]), append(wantIndices, j)
		}
	}
	for _, p := range align(restGot, restWant) {
		if p.got != none {
			p.got = gotIndices[p.got]
		}
		if p.want != none {
			p.want = wantIndices[p.want]
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// place finds a recorded activity for a wanted one. It moves others, which may match several:
// an augmenting path in a bipartite graph.
func place(got, want []activity.Activity, taken []int, j int, tried []bool) bool {
	for i := range got {
		if tried[i] || len(differences(&got[i], &want[j])) > 0 {
			continue
		}
		tried[i] = true
		if taken[i] == none || place(got, want, taken, taken[i], tried) {
			taken[i] = j
			return true
		}
	}
	return false
}

// describePairs returns the message of a failed comparison, "" if nothing differs.
func describePairs(got, want []activity.Activity, pairs []pair) string {
	var text strings.Builder
	for _, p := range pairs {
		switch {
		case p.got == none:
			fmt.Fprintf(&text, "\twanted activity %d is missing: %s\n", p.want+1, describe(&want[p.want]))
		case p.want == none:
			fmt.Fprintf(&text, "\tactivity %d is not wanted: %s\n", p.got+1, describe(&got[p.got]))
		default:
			lines := differences(&got[p.got], &want[p.want])
			if len(lines) == 0 {
				continue
			}
			fmt.Fprintf(&text, "\tactivity %d (%s):\n", p.got+1, got[p.got].Remarks)
			for _, line := range lines {
				fmt.Fprintf(&text, "\t\t%s\n", line)
			}
		}
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// describe returns the set fields of an activity in one line, without id and time.
func describe(a *activity.Activity) string {
	copied := WithoutIDs([]activity.Activity{*a})[0]
	var parts []string
	for _, f := range fieldsOf(&copied) {
		parts = append(parts, f.name+" "+f.text)
	}
	return strings.Join(parts, ", ")
}
