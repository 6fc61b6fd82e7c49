package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tieout/tieout/store/postgres/pgtest"
)

// Scripts run the program as a user does, with the books in a file and on a server: see testdata/script. One that is about the
// file itself says so: [sqlite].
func TestScripts(t *testing.T) { onBothEngines(t, "testdata/script") }

// Problems that only the books or the folder can see, each with the script that causes it and its golden message.
func TestProblemScripts(t *testing.T) { onBothEngines(t, "../../fixtures/problems/script") }

func onBothEngines(t *testing.T, dir string) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			testscript.Run(t, testscript.Params{Dir: dir, UpdateScripts: *update,
				Setup: func(env *testscript.Env) error {
					if engine == "postgres" {
						env.Setenv("TIEOUT_STORE", pgtest.Shared(t).Database(t))
					}
					return nil
				},
				Condition: func(condition string) (bool, error) { return condition == engine, nil },
			})
		})
	}
}
