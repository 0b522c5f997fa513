package confcheck

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Problems are the mistakes of one struct that [Decode] has left out. The zero value
// has no mistakes.
type Problems struct{ text string }

// problems returns errors as problems.
func problems(errs []error) Problems {
	err := Line(errs...)
	if err == nil {
		return Problems{}
	}
	return Problems{err.Error()}
}

// Err returns the problems as one line, or nil.
func (p Problems) Err() error {
	if p.text == "" {
		return nil
	}
	return errors.New(p.text)
}

// Line joins errors into one line, because the Collector writes the path only once
// for all that a Validate returns.
func Line(errs ...error) error {
	var texts []string
	for _, err := range errs {
		if err != nil {
			texts = append(texts, strings.Join(strings.Fields(err.Error()), " "))
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(texts, "; also "))
}

// unknown describes keys that a struct does not have. hints has keys of earlier
// versions, with what to do about them.
func unknown(keys, known []string, hints map[string]string) error {
	var errs []error
	var plain []string
	for _, key := range keys {
		if hint := hints[key]; hint != "" {
			errs = append(errs, fmt.Errorf("unknown field %q; %s", key, hint))
			continue
		}
		plain = append(plain, key)
	}
	switch len(plain) {
	case 0:
	case 1:
		errs = append(errs, UnknownField(plain[0], known))
	default:
		errs = append(errs, unknownFields(plain, known))
	}
	return Line(errs...)
}

// UnknownField describes a key that is not one of known.
func UnknownField(key string, known []string) error {
	if meant := Near(key, known); meant != "" {
		return fmt.Errorf("unknown field %q; did you mean %q?", key, meant)
	}
	return fmt.Errorf("unknown field %q; must be one of %s", key, List(known))
}

func unknownFields(keys, known []string) error {
	texts, open := make([]string, len(keys)), false
	for i, key := range keys {
		texts[i] = fmt.Sprintf("%q", key)
		if meant := Near(key, known); meant != "" {
			texts[i] += fmt.Sprintf(" (did you mean %q?)", meant)
		} else {
			open = true
		}
	}
	text := "unknown fields: " + strings.Join(texts, ", ")
	if open {
		text += "; must be one of " + List(known)
	}
	return errors.New(text)
}

// List writes texts as a list: "a", "b".
func List[T ~string](texts []T) string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = fmt.Sprintf("%q", string(text))
	}
	return strings.Join(list, ", ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
