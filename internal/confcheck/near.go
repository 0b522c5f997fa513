package confcheck

import "strings"

// Near returns the one of known that a text was probably meant to be: the same
// letters with other marks between them, or at most a third of the letters wrong.
// It returns "" if there is none.
func Near(text string, known []string) string {
	best, fewest := "", max(1, len(text)/3)+1
	for _, word := range known {
		distance := edits(plain(text), plain(word))
		if distance < fewest {
			best, fewest = word, distance
		}
	}
	return best
}

var marks = strings.NewReplacer(".", "", "_", "", "-", "", " ", "")

func plain(text string) string { return marks.Replace(strings.ToLower(text)) }

// edits returns how many letters have to be added, removed, replaced, or swapped
// with the next, to make b of a.
func edits(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
