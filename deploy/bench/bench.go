// Package bench holds what tieout is measured against.
package bench

import _ "embed"

// Plain is a script for psql that matches receipts to open items in plain SQL. It says "begins" and "ends" around what is measured.
//
//go:embed plain.sql
var Plain string
