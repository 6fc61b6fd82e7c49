package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Scripts run the program as a user does: see testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: *update})
}
