package postgres

import (
	"strconv"
	"strings"
)

// holds asks whether a text holds a part, whatever their case. The rules of upper and lower case are those of Unicode: the byte order in
// which our columns compare knows ASCII letters alone.
func holds(column string) string {
	return `strpos(lower(` + column + ` COLLATE "und-x-icu"), lower(?::text COLLATE "und-x-icu")) > 0`
}

// wholeNumber reads an id that somebody searches for, 0 where it is none.
func wholeNumber(text string) int64 {
	id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
