package review

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// amount is money as the API writes and takes it: a decimal string in the currency beside it, such as "1234.50". A number is refused,
// because many programs cannot hold one exactly.
type amount string

// read decodes the body of an API request into the type that the route names. It takes what the OpenAPI document says and nothing else: the
// standard decoder would let the last of two equal keys win, take keys in any case, and stop reading at the end of the first value.
func (c *call) read(into any) error {
	if !utf8.Valid(c.body) {
		return badJSON("", "the body is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	decoder.UseNumber()
	if err := checkValue(decoder, reflect.TypeOf(into).Elem(), ""); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badJSON("", "there is something behind the value")
	}
	if err := json.Unmarshal(c.body, into); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return badJSON(wrong.Field, "a number is too large")
		}
		return badJSON("", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

func badJSON(where, what string) error {
	return fail(http.StatusBadRequest, "JSON", "see /api/v1/openapi.json for what is expected", "%s", what).at(where)
}

var (
	textual    = reflect.TypeFor[encoding.TextUnmarshaler]()
	amountType = reflect.TypeFor[amount]()
)

// checkValue reads one value and compares it with the type that it is for.
func checkValue(decoder *json.Decoder, t reflect.Type, where string) error {
	token, err := decoder.Token()
	if err != nil {
		return badJSON(where, "the body is no JSON value")
	}
	if t.Kind() == reflect.Pointer {
		if token == nil {
			return nil
		}
		t = t.Elem()
	}
	switch {
	case t == amountType:
		return expectKind[string](token, where, `an amount is a string such as "1234.50", not a number`)
	case reflect.PointerTo(t).Implements(textual):
		return expectKind[string](token, where, "a text is expected")
	}
	switch t.Kind() {
	case reflect.Struct:
		return checkObject(decoder, token, t, where)
	case reflect.Slice:
		return checkArray(decoder, token, t, where)
	case reflect.String:
		return expectKind[string](token, where, "a text is expected")
	case reflect.Bool:
		return expectKind[bool](token, where, "true or false is expected")
	case reflect.Int, reflect.Int64:
		return checkWhole(token, where)
	}
	panic(fmt.Sprintf("an API request cannot hold a %s", t))
}

func expectKind[T any](token json.Token, where, otherwise string) error {
	if _, ok := token.(T); !ok {
		return badJSON(where, otherwise)
	}
	return nil
}

func checkWhole(token json.Token, where string) error {
	number, ok := token.(json.Number)
	if _, err := number.Int64(); !ok || err != nil {
		return badJSON(where, "a whole number is expected")
	}
	return nil
}

func checkArray(decoder *json.Decoder, token json.Token, t reflect.Type, where string) error {
	if token != json.Delim('[') {
		return badJSON(where, "a list is expected")
	}
	for n := 0; decoder.More(); n++ {
		if err := checkValue(decoder, t.Elem(), fmt.Sprintf("%s[%d]", where, n)); err != nil {
			return err
		}
	}
	return closing(decoder, where)
}

func checkObject(decoder *json.Decoder, token json.Token, t reflect.Type, where string) error {
	if token != json.Delim('{') {
		return badJSON(where, "an object is expected")
	}
	fields := jsonFields(t)
	var seen []string
	for decoder.More() {
		token, err := decoder.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return badJSON(where, "the body is no JSON value")
		}
		path := strings.TrimPrefix(where+"."+key, ".")
		if slices.Contains(seen, key) {
			return badJSON(path, "the key comes twice")
		}
		seen = append(seen, key)
		at := slices.IndexFunc(fields, func(f jsonField) bool { return f.name == key })
		if at < 0 {
			return unknownKey(path, key, fields)
		}
		if err := checkValue(decoder, fields[at].Type, path); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if !f.optional && !slices.Contains(seen, f.name) {
			return badJSON(strings.TrimPrefix(where+"."+f.name, "."), "the key is missing")
		}
	}
	return closing(decoder, where)
}

func unknownKey(path, key string, fields []jsonField) error {
	for _, f := range fields {
		if strings.EqualFold(f.name, key) {
			return badJSON(path, fmt.Sprintf("the key is written %q", f.name))
		}
	}
	return badJSON(path, "the key is unknown")
}

func closing(decoder *json.Decoder, where string) error {
	if _, err := decoder.Token(); err != nil {
		return badJSON(where, "the body is no JSON value")
	}
	return nil
}

// jsonField is a field of a struct as JSON has it.
type jsonField struct {
	reflect.StructField
	name     string
	optional bool // omitempty: it may be missing in requests, and is in answers where it is empty
}

// jsonFields lists the fields of a struct, those of embedded structs in their place.
func jsonFields(t reflect.Type) (fields []jsonField) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if f.Anonymous && tag == "" {
			fields = append(fields, jsonFields(f.Type)...)
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, jsonField{f, name, strings.Contains(options, "omitempty")})
	}
	return fields
}
