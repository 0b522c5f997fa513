package protodiff_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/otelactivity/activitylog/instrument/protodiff"
)

// shop is a file with a message Order, as protoc would describe it.
const shop = `
name: "shop.proto" package: "shop" syntax: "proto3"
dependency: ["google/protobuf/timestamp.proto", "google/protobuf/any.proto", "google/protobuf/wrappers.proto"]
enum_type { name: "State" value { name: "DRAFT" number: 0 } value { name: "PAID" number: 1 } }
message_type {
  name: "Order"
  field { name: "title" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "address" number: 2 type: TYPE_MESSAGE type_name: ".shop.Address" label: LABEL_OPTIONAL }
  field { name: "items" number: 3 type: TYPE_MESSAGE type_name: ".shop.Item" label: LABEL_REPEATED }
  field { name: "labels" number: 4 type: TYPE_MESSAGE type_name: ".shop.Order.LabelsEntry" label: LABEL_REPEATED }
  field { name: "state" number: 5 type: TYPE_ENUM type_name: ".shop.State" label: LABEL_OPTIONAL }
  field { name: "secret" number: 6 type: TYPE_STRING label: LABEL_OPTIONAL options { debug_redact: true } }
  field { name: "paid" number: 7 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL }
  field { name: "card" number: 8 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "cash" number: 9 type: TYPE_UINT64 label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "any" number: 10 type: TYPE_MESSAGE type_name: ".google.protobuf.Any" label: LABEL_OPTIONAL }
  field { name: "parent" number: 11 type: TYPE_MESSAGE type_name: ".shop.Order" label: LABEL_OPTIONAL }
  field { name: "tags" number: 12 type: TYPE_STRING label: LABEL_REPEATED }
  field { name: "count" number: 13 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value" label: LABEL_OPTIONAL }
  field { name: "raw" number: 14 type: TYPE_BYTES label: LABEL_OPTIONAL }
  nested_type {
    name: "LabelsEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
  oneof_decl { name: "payment" }
}
message_type {
  name: "Address"
  field { name: "city" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "door_code" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL options { debug_redact: true } }
}
message_type {
  name: "Item"
  field { name: "sku" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "price" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }
  field { name: "pin" number: 3 type: TYPE_INT32 label: LABEL_OPTIONAL options { debug_redact: true } }
}`

var order = func() protoreflect.MessageDescriptor {
	var file descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(shop), &file); err != nil {
		panic(err)
	}
	described, err := protodesc.NewFile(&file, protoregistry.GlobalFiles)
	if err != nil {
		panic(err)
	}
	return described.Messages().ByName("Order")
}()

// message returns an Order from its JSON, nil from "".
func message(t *testing.T, text string) proto.Message {
	t.Helper()
	if text == "" {
		return nil
	}
	m := dynamicpb.NewMessage(order)
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDiff(t *testing.T) {
	mask := func(paths ...string) protodiff.Option {
		return protodiff.WithMask(&fieldmaskpb.FieldMask{Paths: paths})
	}
	for _, tt := range []struct {
		name, before, after string
		opts                []protodiff.Option
		want                string
	}{
		{"equal", `{"title":"a"}`, `{"title":"a"}`, nil, `{}`},
		{"both nil", "", "", nil, `{}`},
		{"scalar", `{"title":"a"}`, `{}`, nil, `{"title":["a",""]}`},
		{"message", `{"address":{"city":"a"}}`, `{"address":{"city":"b"}}`, nil, `{"address.city":["a","b"]}`},
		{"new message", `{}`, `{"address":{"city":"b","doorCode":"x"}}`, nil, `{"address":[null,{"city":"b","door_code":"****"}]}`},
		{"redacted", `{"secret":"a","address":{"doorCode":"a"}}`, `{"secret":"b","address":{"doorCode":"b"}}`, nil,
			`{"secret":["****","****"],"address.door_code":["****","****"]}`},
		{"by index", `{"items":[{"sku":"a","price":"1","pin":1}]}`, `{"items":[{"sku":"b","price":"2","pin":2},{}]}`, nil,
			`{"items[0].sku":["a","b"],"items[0].price":[1,2],"items[0].pin":["****","****"],"items[1]":[null,{"sku":"","price":0,"pin":"****"}]}`},
		{"by id", `{"items":[{"sku":"a","price":"1"},{"sku":"b"}]}`, `{"items":[{"sku":"b","price":"3"},{"sku":"a","price":"1"}]}`,
			[]protodiff.Option{protodiff.WithID("items", "sku")}, `{"items[sku=b].price":[0,3]}`},
		{"by an id that some lack", `{"items":[{"sku":"a"}]}`, `{"items":[{"price":"1"}]}`,
			[]protodiff.Option{protodiff.WithID("items", "sku")}, `{"items[0].sku":["a",""],"items[0].price":[0,1]}`},
		{"by an id that is redacted", `{"items":[{"pin":1}]}`, `{"items":[{"pin":2}]}`,
			[]protodiff.Option{protodiff.WithID("items", "pin")}, `{"items[0].pin":["****","****"]}`},
		{"map", `{"labels":{"a":"1","b c":"2"}}`, `{"labels":{"a":"1","b c":"3"}}`, nil, `{"labels[\"b c\"]":["2","3"]}`},
		{"enum", `{}`, `{"state":"PAID"}`, nil, `{"state":["DRAFT","PAID"]}`},
		{"enum without a name", `{}`, `{"state":7}`, nil, `{"state":["DRAFT","7"]}`},
		{"time", `{}`, `{"paid":"2026-01-02T03:04:05Z"}`, nil, `{"paid":[null,"2026-01-02T03:04:05Z"]}`},
		{"oneof", `{"card":"c"}`, `{"cash":"18446744073709551615"}`, nil, `{"card":["c",null],"cash":[null,"18446744073709551615"]}`},
		{"wrapper", `{"count":"1"}`, `{"count":"2"}`, nil, `{"count":[1,2]}`},
		{"bytes", `{}`, `{"raw":"aGk="}`, nil, `{"raw":["","aGk="]}`},
		{"list", `{"tags":["a"]}`, `{"tags":["b"]}`, nil, `{"tags[0]":["a","b"]}`},
		{"any", `{"any":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"a"}}`,
			`{"any":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"b"}}`, nil, `{"any.value":["a","b"]}`},
		{"created", ``, `{"title":"a"}`, []protodiff.Option{mask("title")}, `{"title":[null,"a"]}`},
		{"mask", `{"title":"a","address":{"city":"a"},"tags":["a"]}`, `{"title":"b"}`, []protodiff.Option{mask("title", "none")}, `{"title":["a","b"]}`},
		{"mask of a nested field", `{"address":{"city":"a","doorCode":"a"}}`, `{"address":{"city":"b"}}`, []protodiff.Option{mask("address.city")}, `{"address.city":["a","b"]}`},
		{"mask of a message", `{"title":"x","address":{"city":"a"}}`, `{"address":{"city":"b"}}`, []protodiff.Option{mask("address")}, `{"address.city":["a","b"]}`},
		{"mask of all", `{"title":"a"}`, `{"title":"b"}`, []protodiff.Option{mask("*")}, `{"title":["a","b"]}`},
		{"no mask", `{"title":"a"}`, `{"title":"b"}`, []protodiff.Option{protodiff.WithMask(nil)}, `{"title":["a","b"]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := textOf(t, protodiff.Diff(message(t, tt.before), message(t, tt.after), tt.opts...))
			var want any
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			if got != textOf(t, want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func textOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestData(t *testing.T) {
	list, err := structpb.NewList([]any{"a", 1.0, nil})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		m    proto.Message
		want string
	}{
		"nil":       {nil, `null`},
		"nil type":  {(*timestamppb.Timestamp)(nil), `null`},
		"time":      {timestamppb.New(time.Unix(1, 0)), `"1970-01-01T00:00:01Z"`},
		"duration":  {durationpb.New(1500 * time.Millisecond), `"1.500s"`},
		"wrapper":   {wrapperspb.Bool(true), `true`},
		"list":      {list, `["a",1,null]`},
		"a bad one": {&timestamppb.Timestamp{Seconds: 1 << 60}, `{"nanos":0,"seconds":1152921504606846976}`},
		"unknown":   {&anypb.Any{TypeUrl: "x/none", Value: []byte("test")}, `{"@type":"x/none","value":"sha256:9f86d081884c7d65"}`},
	} {
		if got := textOf(t, protodiff.Data(tt.m)); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

// A redacted field is masked wherever its message is. Deeper than that is not compared,
// which is said.
func TestRedactedAtAnyDepth(t *testing.T) {
	text := `{"title":"HUNTER2","secret":"HUNTER2","address":{"doorCode":"HUNTER2"},"items":[{"pin":777000777}]}`
	text = strings.Replace(text, `"title":"HUNTER2",`, "", 1)
	for range 30 {
		text = `{"secret":"HUNTER2","parent":` + text + `}`
		m := message(t, text)
		for _, got := range []string{
			textOf(t, protodiff.Diff(nil, m)), textOf(t, protodiff.Data(m)), textOf(t, protodiff.Diff(m, message(t, `{"parent":{}}`))),
		} {
			if strings.Contains(got, "HUNTER2") || strings.Contains(got, "777000777") {
				t.Fatal(got)
			}
		}
	}
	other := strings.Replace(text, `"items"`, `"title":"x","items"`, 1)
	if got := textOf(t, protodiff.Diff(message(t, text), message(t, other))); !strings.Contains(got, "(not compared)") {
		t.Errorf("got %s", got)
	}
}
