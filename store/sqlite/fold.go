package sqlite

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// foldFunction is what statements call [fold]: SQLite itself knows upper and lower case of ASCII letters alone.
const foldFunction = "tieout_fold"

// fold makes texts comparable whatever their case.
func fold(s string) string { return strings.ToLower(s) }

// registerFold makes the function known to every connection that is opened later.
var registerFold = sync.OnceValue(func() error {
	return sqlite.RegisterDeterministicScalarFunction(foldFunction, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		text, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("%s of %T", foldFunction, args[0])
		}
		return fold(text), nil
	})
})

// wholeNumber reads an id that somebody searches for, 0 where it is none.
func wholeNumber(text string) int64 {
	id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
