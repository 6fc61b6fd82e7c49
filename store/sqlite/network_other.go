//go:build !linux

package sqlite

import "os"

// refuseNetwork only checks that the folder is there: these systems do not say portably what a file system is.
func refuseNetwork(folder string) error {
	_, err := os.Stat(folder)
	return err
}
