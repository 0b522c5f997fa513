package activity

import (
	"encoding/json"
	"strconv"
)

// JSONNumber returns a number of JSON as it is kept in data: as int64 if it is one,
// as float64 if that says the same, else as text. "9007199254740993.5" stays text,
// since no float64 is that number.
func JSONNumber(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	if err == nil && (digitsOf(n.String()) <= 15 || strconv.FormatFloat(f, 'f', -1, 64) == n.String()) {
		return f
	}
	return n.String()
}

// digitsOf returns how many significant digits a number has, those of its exponent
// not among them. Up to 15 of them, a float64 keeps each.
func digitsOf(number string) int {
	n, zeros := 0, 0
	for i := range len(number) {
		switch c := number[i]; {
		case c == 'e' || c == 'E':
			return n
		case c == '0' && n == 0: // before the first
		case c == '0':
			zeros++
		case '1' <= c && c <= '9':
			n += zeros + 1
			zeros = 0
		}
	}
	return n
}
