package confcheck

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// OneOf returns an error if got is not one of the allowed texts.
func OneOf[T ~string](got T, allowed ...T) error {
	if slices.Contains(allowed, got) {
		return nil
	}
	return fmt.Errorf("must be one of %s; got %q", List(allowed), string(got))
}

// Name is a text that must not be blank.
type Name string

// Validate implements [confmap.Validator].
func (n Name) Validate() error {
	if strings.TrimSpace(string(n)) == "" {
		return errors.New("must not be empty")
	}
	return nil
}

// Texts is a list of texts that must not be empty. One text with commas is a list too.
type Texts []string

// Validate implements [confmap.Validator].
func (t Texts) Validate() error {
	for i, text := range t {
		if text == "" {
			return fmt.Errorf("must be a list of texts that are not empty; entry %d is empty", i)
		}
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *Texts) UnmarshalText(text []byte) error {
	*t = strings.Split(string(text), ",")
	return nil
}
