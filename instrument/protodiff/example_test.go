package protodiff_test

import (
	"fmt"

	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/typepb"

	"github.com/otelactivity/activitylog/instrument/protodiff"
)

// An update changes the fields that the request names, whatever else the message has.
func ExampleDiff() {
	stored := &typepb.Field{Name: "titel", Number: 1, JsonName: "title"}
	update := &typepb.Field{Name: "title"}
	mask := &fieldmaskpb.FieldMask{Paths: []string{"name"}}
	fmt.Println(protodiff.Diff(stored, update, protodiff.WithMask(mask)))
	// Output:
	// map[name:[titel title]]
}
