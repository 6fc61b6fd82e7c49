package sqlite_test

import (
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/storetest"
)

// filled returns a database with a row of every noun, past the store.
func filled(t *testing.T) (store.Store, *sql.DB) {
	path := filepath.Join(t.TempDir(), "tieout.db")
	s := openAt(t, path)
	storetest.Fill(t, s)
	db := raw(t, path)
	return s, db
}

func names(t *testing.T, db *sql.DB, query string, args ...any) (all []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	return all
}

const ownTables = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'goose_db_version' ORDER BY name`

func TestFillReachesEveryTable(t *testing.T) {
	_, db := filled(t)
	for _, table := range names(t, db, ownTables) {
		if len(names(t, db, `SELECT 1 FROM `+table+` LIMIT 1`)) == 0 {
			t.Errorf("%s is empty", table)
		}
	}
}

func TestAppendOnly(t *testing.T) {
	_, db := filled(t)
	tables := []string{"alias_seen", "application", "audit", "case_note", "decision", "entry", "event", "file_sighting", "item_start", "period_close", "posting", "proposal",
		"proposal_line", "record", "refused", "rules_version", "shortfall"}
	for _, table := range tables {
		for _, statement := range []string{
			`UPDATE ` + table + ` SET entity_id = 'eve'`,
			`UPDATE ` + table + ` SET entity_id = entity_id`,
			`DELETE FROM ` + table,
		} {
			if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), table+" is append-only") {
				t.Errorf("%s: got %v", statement, err)
			}
		}
	}
}

// TestChecksBite moves money past the conditional updates.
func TestChecksBite(t *testing.T) {
	_, db := filled(t)
	for _, statement := range []string{
		`UPDATE item SET settled = amount + 1`,
		`UPDATE item SET settled = -1, external = -1`,
		`UPDATE item SET external = settled + 1`,
		`UPDATE item SET amount = settled - 1 WHERE settled > 0`,
		`UPDATE item SET paid_on = 20260101 WHERE settled < amount`,
		`UPDATE receipt SET allocated = amount - refunded + 1`,
		`UPDATE receipt SET refunded = amount - allocated + 1`,
		`UPDATE receipt SET allocated = -1`,
		`UPDATE receipt SET clears = 99 WHERE allocated > 0`,
		`UPDATE holding SET allocated = amount + 1`,
		`UPDATE holding SET allocated = -1`,
		`UPDATE holding SET reversed = 1, allocated = 1`,
		`UPDATE file SET state = 'lost'`,
		`UPDATE approval SET state = 'approved', settled_by = proposer, settled = 1`,
		`UPDATE approval SET state = 'declined', settled_by = proposer, settled = 1`,
		`UPDATE approval SET state = 'withdrawn', settled_by = 'ada', settled = 1`,
		`UPDATE approval SET state = 'approved'`,
		`UPDATE approval SET state = 'forged', settled_by = 'ada', settled = 1`,
		`UPDATE alias SET state = 'approved', decider = proposer`, // four eyes
		`UPDATE alias SET state = 'approved', decider = ''`,
		`UPDATE alias SET state = 'lost'`,
		`INSERT INTO application VALUES ('acme', 99, '', 0, 0, 1, 'payment', 0, 0, 'EUR', '', 20260401, 20260401, 0, '', '', 0, 0, '', '', '', 0, '')`,
		`INSERT INTO application VALUES ('acme', 99, '', 0, 0, 1, 'gift', 5, 0, 'EUR', '', 20260401, 20260401, 0, '', '', 0, 0, '', '', '', 0, '')`,
	} {
		if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), "CHECK constraint failed") {
			t.Errorf("%s: got %v", statement, err)
		}
	}
}

// TestUniqueBites breaks what may exist only once.
func TestUniqueBites(t *testing.T) {
	_, db := filled(t)
	reversal := func(id, reverses, amount string) string {
		return `INSERT INTO application SELECT entity_id, ` + id + `, source_kind, source_id, receipt, item, kind, ` + amount + `, tax, currency, customer, effective, original_day,
			recorded, reason, actor, decision, ` + reverses + `, ledger, order_number, note, source_amount, source_currency FROM application WHERE id = ` + reverses
	}
	for statement, want := range map[string]string{
		reversal("98", "2", "amount - 1"): "a reversal takes back the whole of one application",
		reversal("98", "5", "amount"):     "UNIQUE", // it is taken back already
		reversal("98", "7", "amount"):     "a reversal takes back the whole of one application that is no reversal",
		`INSERT INTO decision SELECT entity_id, 99, source_kind, source_id, is_return, outcome, reason, score, margin, customer, clears, reverses, evidence, rejected, rivals,
			ledger, note, digest, rules, actor, at, run, supersedes FROM decision WHERE id = 1`: "UNIQUE",
		`INSERT INTO decision SELECT entity_id, 99, source_kind, 12345, is_return, outcome, reason, score, margin, customer, clears, reverses, evidence, rejected, rivals,
			ledger, note, digest, rules, actor, at, run, 1 FROM decision WHERE id = 1`: "a decision supersedes one of the same source",
		`INSERT INTO audit VALUES ('acme', 999, x'00', x'00')`:                                                                                                 "without a gap",
		`INSERT INTO write_off_live SELECT entity_id, receipt, item, 99 FROM write_off_live`:                                                                   "UNIQUE",
		`INSERT INTO file SELECT entity_id, 99, sha256, name, size, received, state, format, moved, sightings, rejected, run, attempts FROM file WHERE id = 1`: "UNIQUE",
	} {
		if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %q", statement, err, want)
		}
	}
}

// TestProposalsSayForEverWhatWasProposed settles and forges proposals past the store.
func TestProposalsSayForEverWhatWasProposed(t *testing.T) {
	_, db := filled(t)
	refused := func(statement, want string) {
		t.Helper()
		if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", statement, err, want)
		}
	}
	for _, column := range []string{"kind", "subject", "why", "payload", "shown", "plan_hash", "reason", "currency", "rules", "proposer"} {
		refused(`UPDATE approval SET `+column+` = 'forged'`, "what was proposed")
	}
	refused(`UPDATE approval SET amount = amount + 1`, "what was proposed")
	refused(`DELETE FROM approval`, "append-only")
	refused(`INSERT INTO approval SELECT entity_id, 99, kind, receipt, subject, why, payload, shown, plan_hash, reason, amount, currency, rules, proposer, proposed,
		'approved', 'ada', 1, answer FROM approval`, "begins pending")
	run(t, db, `UPDATE approval SET state = 'approved', settled_by = 'ada', settled = 1`)
	refused(`UPDATE approval SET state = 'pending', settled_by = '', settled = NULL`, "settled once")
}

func TestMissingNamesWhatIsGone(t *testing.T) {
	s, db := filled(t)
	run(t, db, `DROP TRIGGER application_no_delete`)
	run(t, db, `DROP TRIGGER audit_no_update`)
	run(t, db, `CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit WHEN 0 BEGIN SELECT 1; END`)
	var missing []string
	if err := s.Snapshot(t.Context(), "acme", func(v store.View) (err error) {
		missing, err = v.Missing()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"trigger application_no_delete", "trigger audit_no_update (not as defined)"}; !slices.Equal(missing, want) {
		t.Fatalf("got %v, want %v", missing, want)
	}
}

// ofNoEntity are the tables of what belongs to no company.
var ofNoEntity = []string{"answer", "api_token", "invitation", "person", "session"}

// TestEntityLeads holds the schema to its rule: it can be distributed by entity.
func TestEntityLeads(t *testing.T) {
	_, db := filled(t)
	for _, table := range names(t, db, ownTables) {
		if slices.Contains(ofNoEntity, table) {
			continue
		}
		first := names(t, db, `SELECT name FROM pragma_table_info(?) WHERE pk = 1`, table)
		if len(first) != 1 || first[0] != "entity_id" {
			t.Errorf("the primary key of %s begins with %v", table, first)
		}
	}
	for _, index := range names(t, db, `SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name NOT IN ('goose_db_version', 'answer', 'api_token', 'invitation', 'person', 'session')`) {
		if first := names(t, db, `SELECT name FROM pragma_index_info(?) WHERE seqno = 0`, index); first[0] != "entity_id" {
			t.Errorf("index %s begins with %v", index, first)
		}
	}
}

var (
	touchesTable = regexp.MustCompile(`\b(FROM|JOIN|INTO|UPDATE) (\w+)`)
	noEntity     = append([]string{"sqlite_schema", "json_each", "goose_db_version", "SET"}, ofNoEntity...) // nobody's data
)

// TestEveryQueryNamesTheEntity reads the statements in the source of the package.
func TestEveryQueryNamesTheEntity(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	statements := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts(file) {
			for _, hit := range touchesTable.FindAllStringSubmatch(text, -1) {
				if slices.Contains(noEntity, hit[2]) {
					continue
				}
				statements++
				if !strings.Contains(text, "entity_id") {
					t.Errorf("%s: no entity_id in\n%s", name, text)
				}
			}
		}
	}
	if statements < 100 {
		t.Errorf("only %d statements found", statements)
	}
}

// texts returns the string literals of a file; those that are added up count as one.
func texts(file *ast.File) (all []string) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.BinaryExpr:
			if text := sum(n); text != "" {
				all = append(all, text)
				return false
			}
		case *ast.BasicLit:
			all = append(all, literal(n))
		}
		return true
	})
	return all
}

func sum(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return sum(e.X) + sum(e.Y)
	case *ast.BasicLit:
		return literal(e)
	}
	return ""
}

func literal(l *ast.BasicLit) string {
	if l.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(l.Value)
	return text
}
