package postgres

import (
	_ "embed"
	"slices"
	"strings"
)

// wantedSchema is what the migrations make of an empty database, a line for each trigger, constraint and index; a test writes it.
//
//go:embed schema.txt
var wantedSchema string

// missing names what the schema of this program enforces and the database does not: each trigger, index and constraint whose
// definition is not the one that the migrations give an empty database.
func (r *reading) missing() ([]string, error) {
	lines, err := r.schema()
	if err != nil {
		return nil, err
	}
	stored := map[string]string{}
	for _, line := range lines {
		name, definition, _ := strings.Cut(line, ": ")
		stored[name] = definition
	}
	var missing []string
	for wanted := range strings.Lines(wantedSchema) {
		name, definition, _ := strings.Cut(strings.TrimSuffix(wanted, "\n"), ": ")
		switch got, present := stored[name]; {
		case !present:
			missing = append(missing, name)
		case got != definition:
			missing = append(missing, name+" (not as defined)")
		}
	}
	slices.Sort(missing)
	return missing, nil
}

// schema lists what the database enforces as "trigger application_no_update: …" and the like. A trigger is defined by when it runs
// and by the text of its function. Blanks and parentheses are left out: versions of the server set them differently.
func (r *reading) schema() ([]string, error) {
	lines, err := collect(r, scanText, `SELECT line FROM (
		SELECT 'trigger ' || t.tgname || ': ' || CASE t.tgenabled WHEN 'O' THEN '' WHEN 'A' THEN '' ELSE 'disabled ' END
			|| replace(pg_get_triggerdef(t.oid), quote_ident(current_schema()) || '.', '') || ' ' || md5(p.prosrc) AS line
		FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
		WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
		UNION ALL
		SELECT 'constraint ' || k.conname || ': ' || CASE WHEN k.convalidated THEN '' ELSE 'not valid ' END
			|| c.relname || ' ' || pg_get_constraintdef(k.oid)
		FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND k.contype IN ('c', 'f', 'p', 'u') AND c.relname <> 'goose_db_version'
		UNION ALL
		SELECT 'index ' || i.relname || ': ' || replace(pg_get_indexdef(x.indexrelid), quote_ident(current_schema()) || '.', '')
		FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS c ON c.oid = x.indrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND x.indisvalid AND c.relkind = 'r' AND c.relname <> 'goose_db_version'
			AND NOT EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = x.indexrelid)
		) AS s ORDER BY line COLLATE "C"`)
	for i, line := range lines {
		lines[i] = schemaLine.Replace(line)
	}
	return lines, err
}

var schemaLine = strings.NewReplacer("(", "", ")", "", "\n", " ", "  ", " ")
