package main

import (
	"encoding/json"
	"testing"
)

// The nightly job on about 3,000 labelled receipts of three companies: nothing is applied wrongly, and the rates are what we promise.
func TestEvalOfLabelledWorlds(t *testing.T) {
	stdout, stderr, code := tieout(t, t.TempDir(), nil, "eval", "--worlds", "201-203", "--receipts", "1000", "--json")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var got evaluationView
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	for _, f := range got.Findings {
		if f.What == "wrong" || f.What == "uncalled" {
			t.Errorf("applied wrongly: %+v", f)
		}
	}
	for _, rate := range []struct {
		name  string
		got   rateView
		least float64
	}{{"straight through", got.StraightThrough, 0.97}, {"queued rightly", got.QueuedRight, 0.99}, {"answer shown", got.AnswerShown, 0.99}} {
		if rate.got.Of < 100 || rate.got.Share == nil || *rate.got.Share < rate.least {
			t.Errorf("%s: %d of %d, expected at least %.2f", rate.name, rate.got.In, rate.got.Of, rate.least)
		}
	}
}
