package receipt_test

import (
	"context"
	"errors"
	"testing"

	"github.com/otelactivity/activitylog/internal/receipt"
)

func TestReceipt(t *testing.T) {
	if receipt.From(context.Background()) != nil {
		t.Error("a receipt that nobody asked for")
	}
	receipt.From(context.Background()).Stored() // it must not panic
	receipt.From(context.Background()).Failed(nil)
	ctx, r := receipt.With(context.Background())
	if stored, err := r.Result(); stored || err != nil {
		t.Errorf("nobody has stored it: %v, %v", stored, err)
	}
	full := errors.New("full")
	receipt.From(ctx).Failed(full)
	if stored, err := r.Result(); stored || !errors.Is(err, full) {
		t.Errorf("it failed: %v, %v", stored, err)
	}
	receipt.From(ctx).Stored()
	if stored, _ := r.Result(); !stored {
		t.Error("it was stored")
	}
}
