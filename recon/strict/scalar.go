package strict

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tieout/tieout/recon"
)

// Scalar is one value as it stands in the document, with its line. Nothing is converted on the way, so that
// 012 stays 012 (YAML 1.1 reads ten), 1_000 stays 1_000 and no stays no. The zero value is a key that is left
// out or empty. Scalars may be keys of a map.
type Scalar struct {
	Text   string
	Line   int
	Number bool   // written as a number, without quotes
	Source string // where an overriding value comes from, "" for the document
}

// UnmarshalYAML takes the text of a scalar; the package's walk has refused everything else before.
func (s *Scalar) UnmarshalYAML(node *yaml.Node) error {
	tag := node.ShortTag()
	*s = Scalar{Text: node.Value, Line: node.Line, Number: tag == "!!int" || tag == "!!float"}
	return nil
}

// Given reports whether the key is there and has a value.
func (s Scalar) Given() bool { return s.Line > 0 || s.Source != "" }

// Where names the place of the value in the file called name, for a problem.
func (s Scalar) Where(name string) string {
	switch {
	case s.Source != "":
		return s.Source
	case s.Line > 0:
		return fmt.Sprintf("%s line %d", name, s.Line)
	}
	return name
}

// Int reads a whole decimal number; false for anything that somebody may read otherwise (+5, 012, 1_000, 0x10).
func (s Scalar) Int() (int, bool) {
	n, err := strconv.Atoi(s.Text)
	return n, err == nil && strconv.Itoa(n) == s.Text
}

// Bool reads true or false and no other word (YAML 1.1 also knows yes, no, on, off).
func (s Scalar) Bool() (value, ok bool) {
	return s.Text == "true", s.Text == "true" || s.Text == "false"
}

// Problem makes a problem of severity reject about the value in the file called name.
func (s Scalar) Problem(code, name, message, try string) recon.Problem {
	return recon.Problem{Code: code, Where: s.Where(name), Severity: recon.Reject, Message: message, Try: try}
}

var (
	scalarType = reflect.TypeFor[Scalar]()
	yamlType   = reflect.TypeFor[yaml.Unmarshaler]()
	textType   = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// shape compares the kind of a node with the type that it will be decoded into; an empty value fits all.
func (c *checker) shape(node *yaml.Node, t reflect.Type) bool {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" {
		return true
	}
	wanted, words := wantedKind(t)
	if wanted == 0 || wanted == node.Kind {
		return true
	}
	c.add("CFG-VALUE", node, c.at()+fmt.Sprintf("expected %s, seen %s", words, seen(node)), "see the comments in the file that tieout init writes")
	return false
}

// at names the key whose value is looked at.
func (c *checker) at() string {
	if len(c.path) == 0 {
		return ""
	}
	return strings.Join(c.path, ".") + ": "
}

func wantedKind(t reflect.Type) (yaml.Kind, string) {
	pointer := reflect.PointerTo(t)
	switch {
	case t == scalarType || pointer.Implements(textType):
		return yaml.ScalarNode, "one value"
	case pointer.Implements(yamlType):
		return 0, ""
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return yaml.MappingNode, "keys with values"
	case reflect.Slice:
		return yaml.SequenceNode, "a list"
	}
	return 0, ""
}

func seen(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return strconv.Quote(clip(node.Value))
}

// clip keeps a message short where somebody pasted a page into a value.
func clip(s string) string {
	const longest = 60
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return s
}
