package main

import (
	"errors"
	"io/fs"
	"os"
)

// inputFiles says which of the files that somebody named is not there, before anything is done with the others.
func inputFiles(paths []string) error {
	for _, path := range paths {
		switch info, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist):
			return usage("there is no file %s", path)
		case err == nil && info.IsDir():
			return usage("%s is a folder; name the files in it", path)
		}
	}
	return nil
}
