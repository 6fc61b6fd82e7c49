# tieout: `make` lists the targets.
GO     ?= go
BIN    := tieout
export CGO_ENABLED := 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: build
build: ## build the binary ./tieout
	$(GO) build -trimpath -o $(BIN) ./cmd/tieout

.PHONY: demo
demo: build ## run the whole nightly job on made-up books in ./demo
	./$(BIN) demo --dir demo

.PHONY: test
test: ## install what the tests need and run all of them
	@.ci/tools
	$(GO) mod download
	$(GO) test ./...

.PHONY: check
check: ## format, vet, lint, architecture, tests: what CI runs
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "not formatted: run gofmt -w ."; exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(MAKE) test

.PHONY: bench
bench: build ## time the nightly job on 100,000 receipts against 100,000 open items
	./$(BIN) bench --receipts 100000 --items 100000

.PHONY: eval
eval: build ## score the nightly job on labelled worlds: the seeds that thresholds were chosen on, then those that are reported
	./$(BIN) eval --worlds 1-12 --receipts 2500
	./$(BIN) eval --worlds 601-624 --receipts 2500

# How long each parser is fuzzed, beyond what is kept in testdata/fuzz.
FUZZTIME ?= 8s

.PHONY: fuzz
fuzz: ## fuzz each parser for a short time
	$(GO) test -run '^$$' -fuzz '^FuzzReadCamt$$' -fuzztime $(FUZZTIME) ./ingest
	$(GO) test -run '^$$' -fuzz '^FuzzFramesAgree$$' -fuzztime $(FUZZTIME) ./ingest
	$(GO) test -run '^$$' -fuzz '^FuzzReadCSV$$' -fuzztime $(FUZZTIME) ./ingest
	$(GO) test -run '^$$' -fuzz '^FuzzReadItems$$' -fuzztime $(FUZZTIME) ./ingest
	$(GO) test -run '^$$' -fuzz '^FuzzLoadRules$$' -fuzztime $(FUZZTIME) ./rules

.PHONY: screenshots
screenshots: ## take the pictures of the review desk that the README shows
	@.ci/tools
	mkdir -p docs/images
	TIEOUT_PICTURES=$(CURDIR)/docs/images $(GO) test -count=1 -run '^TestPicturesOfTheDesk$$' ./review

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf $(BIN) demo bench
