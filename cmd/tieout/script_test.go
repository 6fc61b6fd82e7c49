package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Scripts run the program as a user does: see testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: *update})
}

// Problems that only the books or the folder can see, each with the script that causes it and its golden message.
func TestProblemScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "../../fixtures/problems/script", UpdateScripts: *update})
}
