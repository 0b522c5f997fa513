package confcheck

import (
	"fmt"
	"reflect"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// Decode decodes conf into the struct that target points to, without what cannot be
// decoded, and returns that as problems. hints has keys of earlier versions, with what
// to do about them. The method Unmarshal of each struct of a configuration calls it.
func Decode(conf *confmap.Conf, target any, hints map[string]string) (Problems, error) {
	v := reflect.ValueOf(target).Elem()
	fields := fieldsOf(v.Type())
	values := conf.ToStringMap()
	var strange []string
	var errs []error
	unread := map[int]int64{}
	for _, key := range sortedKeys(values) {
		field, ok := fields[key]
		if !ok {
			strange = append(strange, key)
			continue
		}
		problem := problemOf(conf, field, values[key])
		if problem == "" {
			continue
		}
		conf.Delete(key)
		if keepsProblems(field.Type) {
			unread[field.Index[0]] = keep(problem)
			continue
		}
		errs = append(errs, fmt.Errorf("%s %s", key, problem))
	}
	if err := conf.Unmarshal(target, confmap.WithIgnoreUnused()); err != nil {
		return Problems{}, err
	}
	for i, number := range unread {
		v.Field(i).SetInt(number)
	}
	all := append([]error{unknown(strange, sortedKeys(fields), hints)}, errs...)
	return problems(all), nil
}

// fieldsOf returns the fields of a struct by their keys.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for i := range t.NumField() {
		field := t.Field(i)
		if key, _, _ := strings.Cut(field.Tag.Get(confmap.MapstructureTag), ","); field.IsExported() && key != "" && key != "-" {
			fields[key] = field
		}
	}
	return fields
}

// problemOf returns why the value of a key cannot be decoded, or "".
func problemOf(conf *confmap.Conf, field reflect.StructField, value any) string {
	if problem := ambiguous(field.Type, value); problem != "" {
		return problem
	}
	// Trying it is the only way to know what the Collector makes of a value, for
	// example of one from an environment variable.
	trial := reflect.New(reflect.StructOf([]reflect.StructField{{Name: field.Name, Type: field.Type, Tag: field.Tag}}))
	if err := conf.Unmarshal(trial.Interface(), confmap.WithIgnoreUnused()); err == nil {
		return ""
	}
	if problem := describe(field.Type, value); problem != "" {
		return problem
	}
	return wanted(field.Type)
}

// keepsProblems reports whether a type is a number whose Validate returns its problem.
func keepsProblems(t reflect.Type) bool {
	return (t.Kind() == reflect.Int || t.Kind() == reflect.Int64) && t.Implements(reflect.TypeFor[confmap.Validator]())
}
