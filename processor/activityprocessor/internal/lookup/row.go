package lookup

import "encoding/binary"

// row holds the values of a row in one string, in the order of the configured columns,
// each after its length.
type row string

// appendValue appends the next value of a row.
func appendValue(b []byte, value string) []byte {
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

// makeRow returns the row of values.
func makeRow(values []string) row {
	var b []byte
	for _, value := range values {
		b = appendValue(b, value)
	}
	return row(b)
}

// next returns the first value and the rest of the row.
func (r row) next() (value string, rest row) {
	length, shift, i := 0, 0, 0
	for ; i < len(r); i++ {
		length |= int(r[i]&0x7f) << shift
		if r[i] < 0x80 {
			break
		}
		shift += 7
	}
	start := min(i+1, len(r))
	end := start + min(max(length, 0), len(r)-start)
	return string(r[start:end]), r[end:]
}

// joinKey makes one key of the values of several attributes. It includes their lengths,
// so that ("a", "bc") and ("ab", "c") differ.
func joinKey(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return string(makeRow(parts))
}

// splitKey is the reverse of joinKey.
func splitKey(key string, parts int) []string {
	if parts == 1 {
		return []string{key}
	}
	values := make([]string, parts)
	rest := row(key)
	for i := range values {
		values[i], rest = rest.next()
	}
	return values
}
