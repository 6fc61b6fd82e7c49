package postgres_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tieout/tieout/store"
	"github.com/tieout/tieout/store/postgres/pgtest"
	"github.com/tieout/tieout/store/storetest"
)

// filled returns a database with a row of every noun, and its URL.
func filled(t *testing.T) (store.Store, string) {
	url := database(t)
	s := openAt(t, url)
	storetest.Fill(t, s)
	return s, url
}

// names asks the catalog.
func names(t *testing.T, url, query string) []string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ofNoEntity are the tables of what belongs to no company.
var ofNoEntity = []string{"answer", "api_token", "goose_db_version", "invitation", "person", "session"}

// TestEntityLeads holds the schema to its rule: it can be distributed by entity. Every primary key, unique key and index begins with
// it, and every foreign key carries it.
func TestEntityLeads(t *testing.T) {
	url := database(t)
	strange := names(t, url, `SELECT c.relname || ' by ' || i.relname FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid
		LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
		WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> ALL ('{`+strings.Join(ofNoEntity, ",")+`}') AND a.attname IS DISTINCT FROM 'entity_id'`)
	without := names(t, url, `SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
		AND c.relname <> ALL ('{`+strings.Join(ofNoEntity, ",")+`}') AND NOT EXISTS (SELECT 1 FROM pg_index AS x WHERE x.indrelid = c.oid AND x.indisprimary)`)
	foreign := names(t, url, `SELECT k.conname FROM pg_constraint AS k JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
		WHERE k.contype = 'f' AND a.attname <> 'entity_id'`)
	if len(strange)+len(without)+len(foreign) > 0 {
		t.Errorf("entity_id does not lead in %q; without primary key %q; foreign keys %q", strange, without, foreign)
	}
}

// TestBalancesAreInNoIndex: an update of a balance writes no index (it is a heap-only tuple).
func TestBalancesAreInNoIndex(t *testing.T) {
	url := database(t)
	indexed := names(t, url, `SELECT c.relname || ': ' || pg_get_indexdef(x.indexrelid) FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid
		WHERE c.relname IN ('item', 'receipt') AND pg_get_indexdef(x.indexrelid) ~ '\m(settled|paid_on|version|allocated|refunded|state|decision)\M'`)
	if len(indexed) > 0 {
		t.Errorf("%q", indexed)
	}
}

// TestAppendOnly: what the triggers keep from change, they keep from everybody.
func TestAppendOnly(t *testing.T) {
	_, url := filled(t)
	tables := names(t, url, `SELECT c.relname::text FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE t.tgname = c.relname || '_no_update'`)
	for _, table := range []string{"application", "audit", "decision", "entry", "event", "item_start", "period_close", "posting", "proposal", "record", "rules_version"} {
		if !slices.Contains(tables, table) {
			t.Errorf("%s is not append-only", table)
		}
	}
	for _, table := range tables {
		for _, statement := range []string{`UPDATE ` + table + ` SET entity_id = entity_id`, `DELETE FROM ` + table, `TRUNCATE ` + table + ` CASCADE`} {
			if err := pgtest.Try(url, statement); err == nil || !strings.Contains(err.Error(), "is append-only") {
				t.Errorf("%s: got %v", statement, err)
			}
		}
	}
}

// TestChecksBite moves money past the conditional updates.
func TestChecksBite(t *testing.T) {
	_, url := filled(t)
	for _, statement := range []string{
		`UPDATE item SET settled = amount + 1`,
		`UPDATE item SET settled = -1, external = -1`,
		`UPDATE item SET external = settled + 1`,
		`UPDATE receipt SET allocated = amount - refunded + 1`,
		`UPDATE receipt SET allocated = -1`,
		`UPDATE receipt SET clears = 99 WHERE allocated > 0`,
		`UPDATE holding SET allocated = amount + 1`,
		`UPDATE file SET state = 'lost'`,
		`UPDATE approval SET state = 'approved', settled_by = proposer, settled = 1`,
		`INSERT INTO fresh_receipts VALUES ('acme', 9999, 9999, 0)`,
	} {
		if err := pgtest.Try(url, statement); err == nil || !strings.Contains(err.Error(), "23514") {
			t.Errorf("%s: got %v", statement, err)
		}
	}
	for statement, want := range map[string]string{
		`INSERT INTO audit VALUES ('acme', 999, '', '')`:                                                                                              "without a gap",
		`INSERT INTO write_off_live SELECT entity_id, receipt, item, 99 FROM write_off_live`:                                                          "23505",
		`UPDATE approval SET payload = 'forged'`:                                                                                                      "what was proposed",
		`INSERT INTO posting SELECT entity_id, until, 9999, day FROM posting`:                                                                         "ERROR",
		`INSERT INTO item_start SELECT entity_id, 1, 9, 5, until, 0 FROM period_close LIMIT 1`:                                                        "books are closed",
		`INSERT INTO decision SELECT (jsonb_populate_record(d, '{"id": 99}')).* FROM decision AS d WHERE id = 1`:                                      "23505",
		`INSERT INTO decision SELECT (jsonb_populate_record(d, '{"id": 99, "source_id": 12345, "supersedes": 1}')).* FROM decision AS d WHERE id = 1`: "a decision supersedes one of the same source",
	} {
		if err := pgtest.Try(url, statement); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", statement, err, want)
		}
	}
}

func TestMissingNamesWhatIsGone(t *testing.T) {
	s, url := filled(t)
	pgtest.Exec(t, url, `DROP TRIGGER application_no_delete ON application; ALTER TABLE audit DISABLE TRIGGER audit_no_update;
		ALTER TABLE item DROP CONSTRAINT item_settled; DROP INDEX application_reverses`)
	pgtest.Exec(t, url, `CREATE OR REPLACE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`)
	var missing []string
	if err := s.Snapshot(t.Context(), "acme", func(v store.View) (err error) {
		missing, err = v.Missing()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"constraint item_settled", "index application_reverses", "trigger application_no_delete", "trigger audit_gap_free (not as defined)",
		"trigger audit_no_update (not as defined)"}
	if !slices.Equal(missing, want) {
		t.Fatalf("got %v, want %v", missing, want)
	}
}
