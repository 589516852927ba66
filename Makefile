# co2: build, test and measure. `make test` is the one test command.

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    := 5s
SOAK        := 30m
KILLS       := 2000

.PHONY: build test check unit fuzz bench soak install-tools clean

build: ## bin/co2
	go build -trimpath -o bin/co2 ./cmd/co2

test: install-tools check unit fuzz ## everything that must be green

check: ## form, vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }
	go vet ./... ./testdata/clients/kolo
	go run $(STATICCHECK) ./...
	cd testdata/bench && go vet ./...

unit: ## all tests, with the race detector; then those of time and memory, which it would distort
	go test -race ./...
	go test ./methods/wire -run 'Linear|ManyMembers'
	go test ./cmd/co2 -run 'TestHostile$$|TestHostileCrowd'
	cd testdata/bench && go test -race ./...

fuzz: ## a short run of every fuzz target
	.ci/fuzz $(FUZZTIME)

bench: ## ratios beside others, measured in one run; BENCH=-write renews docs/benchmarks.md
	.ci/install-peers
	cd testdata/bench && go build -o ../../bin/bench . && ../../bin/bench $(BENCH)

soak: ## long fuzzing, SOAK=30m or SOAK=50000000x in all, and a relay killed KILLS times
	.ci/soak $(SOAK) $(KILLS)

install-tools: ## what the tests use: Debian packages, and one of npm
	.ci/install-tools

clean:
	rm -rf bin
