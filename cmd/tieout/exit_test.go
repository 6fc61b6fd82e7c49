package main

import (
	"strings"
	"testing"
)

// What is wrong with the words is 2, what the books do not allow is 1.
func TestExitCodes(t *testing.T) {
	dir := demoBooks(t)
	for line, want := range map[string]int{
		"version":                                   exitDone,
		"report":                                    exitDone,
		"report aging":                              exitUsage,
		"export everything":                         exitUsage,
		"import invoices":                           exitUsage,
		"queue forget":                              exitUsage,
		"files forget":                              exitUsage,
		"frobnicate":                                exitUsage,
		"parse nowhere.xml":                         exitUsage,
		"parse --profile de-nobank items.csv":       exitUsage,
		"ingest nowhere.xml":                        exitUsage,
		"import items nowhere.csv":                  exitUsage,
		"import items inbox":                        exitUsage,
		"undo 999 --reason x":                       exitUsage,
		"undo a999 --reason x":                      exitUsage,
		"pay RE-260101 -5":                          exitUsage,
		"queue release 999":                         exitUsage,
		"files accept 999 --reason x":               exitUsage,
		"pay NOWHERE":                               exitLook,
		"queue resolve 999 --proposal 1":            exitLook,
		"init broken --store postgres://db.example": exitUsage,
		"init broken --store postgres:///books?host=/nowhere/at/all": exitFailed,
	} {
		if _, stderr, code := tieout(t, dir, nil, strings.Fields(line)...); code != want {
			t.Errorf("%s: exit %d, expected %d: %s", line, code, want, stderr)
		}
	}
}
