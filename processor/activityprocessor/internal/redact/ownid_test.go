package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// An id that looks like the number of a card is what the activity is about. The row has
// it in a column, so masking it elsewhere would only make the sentence wrong.
func TestOwnIDIsNoCard(t *testing.T) {
	const id, other = "4539578763621486", "4111111111111111"
	c := newCleaner(t, nil)
	record := recordOf(t, attrs{
		"activity.object.id": id, "activity.remarks": "alice updated order " + id + " with " + other,
		"url.path": "/orders/" + id, "activity.data": map[string]any{"parent": map[string]any{"type": "cart", "id": "5500005555555559"}, "note": "5500005555555559 " + other},
	}, nil)
	(&work{c: c}).record(record)
	assert.Equal(t, attrs{
		"activity.object.id": id, "activity.remarks": "alice updated order " + id + " with ****",
		"url.path": "/orders/" + id, "activity.data": map[string]any{"parent": map[string]any{"type": "cart", "id": "5500005555555559"}, "note": "5500005555555559 ****"},
	}, record.Attributes().AsRaw())
}

// So are the ids of the other objects of the act.
func TestOtherObjectsAreNoCards(t *testing.T) {
	c := newCleaner(t, nil)
	data := map[string]any{"objects": []any{
		"5500005555555559",
		map[string]any{"type": "order", "id": "4539578763621486", "name": "paid with 4111111111111111", "parent": map[string]any{"type": "cart", "id": "5500005555555559"}},
		map[string]any{"type": "order"},
	}}
	record := recordOf(t, attrs{"activity.data": data}, nil)
	(&work{c: c}).record(record)
	data["objects"].([]any)[1].(map[string]any)["name"] = "paid with ****"
	assert.Equal(t, attrs{"activity.data": data}, record.Attributes().AsRaw())
}

// The digits of a UUID are one word.
func TestUUIDIsNoCard(t *testing.T) {
	for text, want := range map[string]string{
		"order 36000000-0000-0008-8000-000000000000":            "order 36000000-0000-0008-8000-000000000000",
		"45395787-6362-1486-8111-111111111111":                  "45395787-6362-1486-8111-111111111111",
		"a0000000-0000-4111-1111-111111111111":                  "a0000000-0000-4111-1111-111111111111",
		"4111-1111-1111-1111":                                   Masked,
		"4111-1111-1111-1111-0000":                              "****-0000",
		"45395787-6362-1486-8111-1111111111111":                 "****-8111-1111111111111",
		"36000000-0000-0008-8000-00000000000g 4111111111111111": "****-8000-00000000000g ****",
	} {
		assert.Equal(t, want, maskCards(text, nil), text)
	}
}
