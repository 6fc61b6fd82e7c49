// Package strict reads YAML documents without guessing: an unknown key, a doubled key or a second
// document is a problem with its line and the nearest known key, never silently dropped.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tieout/tieout/recon"
)

// maxAliases bounds the nodes that YAML aliases may repeat: configuration has no need of more.
const maxAliases = 100

// Decode reads data into the struct that into points to; only keys of its yaml tags are known. The
// problems carry CFG-YAML, CFG-UNKNOWN, CFG-DUP or CFG-VALUE; name says which file it is. A document with
// problems leaves into in an unspecified state.
func Decode(name string, data []byte, into any) []recon.Problem {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return faults("CFG-YAML", name, err, "indent with blanks, not tabs; quote texts that hold ':' or '#'")
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return []recon.Problem{problem("CFG-YAML", name, 0, "more than one document", "keep one document; remove the line ---")}
	}
	c := checker{name: name}
	c.walk(&root, reflect.TypeOf(into))
	if len(c.problems) > 0 {
		return c.problems
	}
	if err := root.Decode(into); err != nil {
		return faults("CFG-VALUE", name, err, "see the comments in the file that tieout init writes")
	}
	return nil
}

func problem(code, name string, line int, message, try string) recon.Problem {
	where := name
	if line > 0 {
		where = fmt.Sprintf("%s line %d", name, line)
	}
	return recon.Problem{Code: code, Where: where, Severity: recon.Reject, Message: message, Try: try}
}

// faults makes problems of a fault of the YAML library, which names its lines within the message.
func faults(code, name string, err error, try string) []recon.Problem {
	messages := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if several := (*yaml.TypeError)(nil); errors.As(err, &several) {
		messages = several.Errors
	}
	var problems []recon.Problem
	for _, message := range messages {
		line := 0
		if place, rest, found := strings.Cut(message, ": "); found && strings.HasPrefix(place, "line ") {
			if n, err := strconv.Atoi(strings.TrimPrefix(place, "line ")); err == nil {
				line, message = n, rest
			}
		}
		problems = append(problems, problem(code, name, line, message, try))
	}
	return problems
}

type checker struct {
	name     string
	path     []string // keys from the root to the value being walked
	aliases  int
	problems []recon.Problem
}

func (c *checker) add(code string, node *yaml.Node, message, try string) {
	c.problems = append(c.problems, problem(code, c.name, node.Line, message, try))
}

// walk compares the document with the type that it will be decoded into.
func (c *checker) walk(node *yaml.Node, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch node.Kind {
	case yaml.DocumentNode:
		c.walk(node.Content[0], t)
		return
	case yaml.AliasNode:
		if c.aliases++; c.aliases > maxAliases {
			if c.aliases == maxAliases+1 {
				c.add("CFG-YAML", node, fmt.Sprintf("more than %d aliases", maxAliases), "write the values out")
			}
			return
		}
		c.walk(node.Alias, t)
		return
	}
	if !c.shape(node, t) {
		return
	}
	switch node.Kind {
	case yaml.SequenceNode:
		if t.Kind() == reflect.Slice {
			for _, element := range node.Content {
				c.walk(element, t.Elem())
			}
		}
	case yaml.MappingNode:
		c.mapping(node, t)
	}
}

func (c *checker) mapping(node *yaml.Node, t reflect.Type) {
	seen := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if line, twice := seen[key.Value]; twice {
			c.add("CFG-DUP", key, fmt.Sprintf("key %q stands already on line %d", key.Value, line), "keep one of them")
			continue
		}
		seen[key.Value] = key.Line
		c.path = append(c.path, key.Value)
		switch t.Kind() {
		case reflect.Map:
			c.walk(key, t.Key())
			c.walk(value, t.Elem())
		case reflect.Struct:
			c.field(key, value, t)
		}
		c.path = c.path[:len(c.path)-1]
	}
}

func (c *checker) field(key, value *yaml.Node, t reflect.Type) {
	known := map[string]reflect.Type{}
	fields(t, known)
	field, ok := known[key.Value]
	if !ok {
		c.add("CFG-UNKNOWN", key, fmt.Sprintf("unknown key %q", key.Value), didYouMean(key.Value, known))
		return
	}
	c.walk(value, field)
}

// fields collects the yaml keys of a struct, those of inlined structs included.
func fields(t reflect.Type, into map[string]reflect.Type) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case strings.Contains(options, "inline"):
			fields(field.Type, into)
		case name != "" && name != "-":
			into[name] = field.Type
		}
	}
}

func didYouMean(key string, known map[string]reflect.Type) string {
	best, distance := "", len(key)/2+2
	for name := range known {
		if d := edits(key, name); d < distance || d == distance && name < best {
			best, distance = name, d
		}
	}
	if best == "" {
		return "remove it; the comments in the file that tieout init writes name every key"
	}
	return fmt.Sprintf("did you mean %s?", best)
}

// edits is the Levenshtein distance of two keys.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
