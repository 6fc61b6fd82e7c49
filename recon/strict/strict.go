// Package strict reads YAML documents without guessing: an unknown key, a doubled key or a second
// document is a problem with its line and the nearest known key, never silently dropped.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
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
		return []recon.Problem{problem("CFG-YAML", name, 0, strings.TrimPrefix(err.Error(), "yaml: "), "indent with blanks, not tabs; quote texts that hold ':' or '#'")}
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
		return []recon.Problem{problem("CFG-VALUE", name, 0, strings.TrimPrefix(err.Error(), "yaml: "), "see the comments in the file that tieout init writes")}
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

type checker struct {
	name     string
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
	case yaml.AliasNode:
		if c.aliases++; c.aliases > maxAliases {
			if c.aliases == maxAliases+1 {
				c.add("CFG-YAML", node, fmt.Sprintf("more than %d aliases", maxAliases), "write the values out")
			}
			return
		}
		c.walk(node.Alias, t)
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
		switch t.Kind() {
		case reflect.Map:
			c.walk(value, t.Elem())
		case reflect.Struct:
			c.field(key, value, t)
		}
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
