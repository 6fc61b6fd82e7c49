package strict

import (
	"strings"
	"testing"

	"github.com/tieout/tieout/recon"
)

type house struct {
	Name   Scalar            `yaml:"name"`
	Floors []floor           `yaml:"floors"`
	Rents  map[Scalar]Scalar `yaml:"rents"`
	Height int               `yaml:"height"`
	Garden struct {
		Trees Scalar `yaml:"trees"`
	} `yaml:"garden"`
}

type floor struct {
	Rooms Scalar `yaml:"rooms"`
}

func TestWhatIsRefused(t *testing.T) {
	for _, c := range []struct{ file, code, where, message string }{
		{"nmae: x\n", "CFG-UNKNOWN", "h.yaml line 1", `unknown key "nmae"`},
		{"floors:\n  - rooms: 3\n    doors: 2\n", "CFG-UNKNOWN", "h.yaml line 3", `unknown key "doors"`},
		{"name: a\nname: b\n", "CFG-DUP", "h.yaml line 2", `key "name" stands already on line 1`},
		{"name: a\n\tb: c\n", "CFG-YAML", "h.yaml line 2", "found a tab character that violates indentation"},
		{"name: a\n---\nname: b\n", "CFG-YAML", "h.yaml", "more than one document"},
		{"name: [a]\n", "CFG-VALUE", "h.yaml line 1", "name: expected one value, seen a list"},
		{"garden:\n  - trees\n", "CFG-VALUE", "h.yaml line 2", "garden: expected keys with values, seen a list"},
		{"floors: many\n", "CFG-VALUE", "h.yaml line 1", `floors: expected a list, seen "many"`},
		{"rents:\n  a: {b: c}\n", "CFG-VALUE", "h.yaml line 2", "rents.a: expected one value, seen keys with values"},
		{"rents:\n  ? [a]\n  : b\n", "CFG-VALUE", "h.yaml line 2", "expected one value, seen a list"},
		{"name: a\nheight: tall\n", "CFG-VALUE", "h.yaml line 2", "cannot unmarshal"},
		{"just a text\n", "CFG-VALUE", "h.yaml line 1", `expected keys with values, seen "just a text"`},
		{"name: &a [*a]\n", "CFG-VALUE", "h.yaml line 1", "name: expected one value"},
	} {
		var into house
		problems := Decode("h.yaml", []byte(c.file), &into)
		if len(problems) != 1 {
			t.Errorf("%q: problems %v, want one", c.file, problems)
			continue
		}
		p := problems[0]
		if p.Code != c.code || p.Where != c.where || !strings.Contains(p.Message, c.message) || p.Try == "" || p.Severity != recon.Reject {
			t.Errorf("%q: %+v\nwant %s at %s: %s", c.file, p, c.code, c.where, c.message)
		}
	}
}

func TestAScalarKeepsItsFace(t *testing.T) {
	for _, c := range []struct {
		written, text string
		number        bool
		n             int
		isInt         bool
	}{
		{"12", "12", true, 12, true},
		{`"12"`, "12", false, 12, true},
		{"-3", "-3", true, -3, true},
		{"012", "012", true, 0, false},
		{"1_000", "1_000", true, 0, false},
		{"0x1F", "0x1F", true, 0, false},
		{"0.10", "0.10", true, 0, false},
		{"no", "no", false, 0, false},
		{"2026-01-02", "2026-01-02", false, 0, false},
		{"99999999999999999999", "99999999999999999999", true, 0, false},
	} {
		var into house
		if problems := Decode("h.yaml", []byte("\nname: "+c.written+"\n"), &into); len(problems) > 0 {
			t.Errorf("%s: %v", c.written, problems)
			continue
		}
		s := into.Name
		n, isInt := s.Int()
		if s.Text != c.text || s.Line != 2 || s.Number != c.number || isInt != c.isInt || isInt && n != c.n {
			t.Errorf("%s reads as %+v, %d, %v", c.written, s, n, isInt)
		}
	}
}

func TestOnlyTwoWordsAreBooleans(t *testing.T) {
	for word, want := range map[string][2]bool{"true": {true, true}, "false": {false, true}, "yes": {}, "no": {}, "on": {}, "True": {}, "": {}} {
		if value, ok := (Scalar{Text: word}).Bool(); value != want[0] || ok != want[1] {
			t.Errorf("%q is %v, %v", word, value, ok)
		}
	}
}

func TestWhatIsLeftOutIsNotGiven(t *testing.T) {
	var into house
	if problems := Decode("h.yaml", []byte("name:\ngarden: {trees: \"\"}\nrents: {a: 1}\n"), &into); len(problems) > 0 {
		t.Fatal(problems)
	}
	if into.Name.Given() || !into.Garden.Trees.Given() || len(into.Rents) != 1 {
		t.Errorf("%+v", into)
	}
	for key, value := range into.Rents {
		if key.Text != "a" || key.Line != 3 || value.Text != "1" {
			t.Errorf("%+v: %+v", key, value)
		}
	}
	if empty := (house{}); Decode("h.yaml", nil, &empty) != nil || empty.Name.Given() {
		t.Errorf("an empty file gives %+v", empty)
	}
}
