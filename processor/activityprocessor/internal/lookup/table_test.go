package lookup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	table := newTable(0)
	const n = 5000 // grows several times
	for i := range n {
		require.NoError(t, table.add(fmt.Sprint(i), makeRow([]string{fmt.Sprint("name ", i), strings.Repeat("x", i)})))
	}
	require.ErrorIs(t, table.add("17", ""), errDuplicate)
	table.pack()
	for i := range n {
		r, ok := table.find(fmt.Sprint(i))
		require.True(t, ok)
		name, rest := r.next()
		assert.Equal(t, fmt.Sprint("name ", i), name)
		long, rest := rest.next()
		assert.Len(t, long, i)
		assert.Empty(t, rest)
	}
	for _, absent := range []string{"", "5000", "1 "} {
		_, ok := table.find(absent)
		assert.False(t, ok, absent)
	}
	assert.Equal(t, n, table.rows)
}

func TestKeysDoNotRunTogether(t *testing.T) {
	assert.NotEqual(t, joinKey([]string{"a", "bc"}), joinKey([]string{"ab", "c"}))
	for _, parts := range [][]string{{"a"}, {"a", "b"}, {"", strings.Repeat("long", 100), "\x00"}} {
		assert.Equal(t, parts, splitKey(joinKey(parts), len(parts)))
	}
}

func FuzzRow(f *testing.F) {
	f.Add("\x01a")
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Fuzz(func(_ *testing.T, s string) {
		for r := row(s); r != ""; {
			_, r = r.next()
		}
	})
}
