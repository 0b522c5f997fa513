//go:build !race

package instrument_test

const underRace = false
