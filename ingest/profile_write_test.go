package ingest

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// What is written and loaded again is the same profile.
func TestProfilesSurviveWriting(t *testing.T) {
	for _, p := range Profiles() {
		if loaded := rewritten(t, p); !reflect.DeepEqual(loaded, p) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", p.ID, loaded, p)
		}
	}
}

func rewritten(t *testing.T, p Profile) Profile {
	t.Helper()
	var text bytes.Buffer
	if err := p.WriteYAML(&text); err != nil {
		t.Fatal(err)
	}
	loaded, problems := LoadProfile(p.ID+".yaml", text.Bytes())
	if len(problems) > 0 {
		t.Fatal(problems, text.String())
	}
	return loaded
}

// Whatever a bank calls its columns, YAML gives it back.
func TestColumnNamesSurviveWriting(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringN(1, 12, 40), 3, 6, rapid.ID).Draw(rt, "names")
		var text bytes.Buffer
		p := Profile{ID: "own", Bank: "Own: #1", Country: "DK", Header: names, Dates: "yyyy-MM-dd", Currency: "DKK"}
		p.Columns = Columns{Booked: "#1", Amount: "#2", Text: []string{"#3"}}
		if err := p.WriteYAML(&text); err != nil {
			rt.Fatal(err)
		}
		loaded, problems := LoadProfile("own.yaml", text.Bytes())
		if len(problems) > 0 || !reflect.DeepEqual(loaded.Header, names) {
			rt.Fatalf("%v %q from\n%s", problems, loaded.Header, text.String())
		}
	})
}
