package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

func TestTextOf(t *testing.T) {
	m, list := pcommon.NewMap(), pcommon.NewSlice()
	m.PutInt("a", 1)
	list.AppendEmpty().SetStr("x")
	for _, tt := range []struct {
		value any
		want  string
	}{
		{nil, ""}, {" a ", "a"}, {int64(17), "17"}, {17.0, "17"}, {1.5, "1.5"}, {true, "true"}, {m, `{"a":1}`}, {list, `["x"]`}, {[]byte{1}, "AQ=="},
		{pcommon.NewValueStr("v"), "v"}, {[]any{1, "b"}, `[1,"b"]`},
	} {
		got, err := TextOf(tt.value)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got)
	}
	_, err := TextOf(struct{}{})
	assert.ErrorContains(t, err, "a value of type struct {} cannot be text")
}

func TestPutMember(t *testing.T) {
	m := pcommon.NewMap()
	assert.NoError(t, PutMember(m, "a", int64(1), false))
	assert.NoError(t, PutMember(m, "a", int64(2), false))
	assert.NoError(t, PutMember(m, "b", nil, true))
	assert.Equal(t, map[string]any{"activity.data": map[string]any{"a": int64(1)}}, m.AsRaw())
	require.NoError(t, PutMember(m, "a", int64(2), true))
	assert.Equal(t, map[string]any{"activity.data": map[string]any{"a": int64(2)}}, m.AsRaw())
	m.PutStr("activity.data", "text")
	require.ErrorContains(t, PutMember(m, "a", int64(2), true), "activity.data has no members")
	assert.Equal(t, map[string]any{"activity.data": "text"}, m.AsRaw())
}

// A member that fails leaves those that are there.
func TestMemberThatFailsLeavesTheOthers(t *testing.T) {
	m := pcommon.NewMap()
	require.NoError(t, PutMember(m, "a", []any{"b"}, true))
	for _, wrong := range []any{struct{}{}, []any{"c", struct{}{}}, map[string]any{"d": struct{}{}}} {
		require.Error(t, PutMember(m, "a", wrong, true))
		require.Error(t, PutMember(m, "x", wrong, true))
		assert.Equal(t, map[string]any{activity.DataKey: map[string]any{"a": []any{"b"}}}, m.AsRaw())
	}
}
