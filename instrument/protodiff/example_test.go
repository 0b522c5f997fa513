package protodiff_test

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/typepb"

	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/protodiff"
)

// An update changes the fields that the request names, whatever else the message has.
func ExampleDiff() {
	ctx := context.Background() // of the call
	stored := &typepb.Field{Name: "titel", Number: 1, JsonName: "title"}
	update := &typepb.Field{Name: "title"}
	mask := &fieldmaskpb.FieldMask{Paths: []string{"name"}}
	changes := protodiff.Diff(stored, update, protodiff.WithMask(mask))
	instrument.FromContext(ctx).SetChanges(changes)
	fmt.Println(changes)
	// Output:
	// map[name:[titel title]]
}
