# co2: build, test and measure. `make test` is the one test command.

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    := 3s
# Of make soak: the time or the number of executions of all fuzzing, kills of a
# relay, random histories of the model, rounds of measurements, registrations
# of the churn, and which parts to run (see .ci/soak; empty: all).
SOAK        := 30m
KILLS       := 1000
MODEL       := 5000
ROUNDS      := 5
CHURN       := 20000
PARTS       :=

.PHONY: build test check unit fuzz bench soak screenshots install-tools clean

build: ## bin/co2
	go build -trimpath -o bin/co2 ./cmd/co2

test: install-tools check unit fuzz ## everything that must be green

check: ## form, vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }
	go vet ./... ./testdata/clients/kolo
	go run $(STATICCHECK) ./...
	cd testdata/bench && go vet ./...

# More at once than processors: tests of the real program mostly wait for it.
unit: ## all tests, with the race detector; then those of time and memory, which it would distort
	go test -race -parallel 6 ./...
	go test ./methods/wire -run 'Linear|ManyMembers'
	go test ./relay -run 'TestModel$$'
	go test ./cmd/co2 -run 'TestHostile$$|TestHostileCrowd|TestFewDescriptors|TestMemoryStopsGrowing'
	cd testdata/bench && go test -race ./...

fuzz: ## a short run of every fuzz target
	.ci/fuzz $(FUZZTIME)

bench: ## ratios beside others, measured in one run; BENCH=-write renews docs/benchmarks.md
	.ci/install-peers
	cd testdata/bench && go build -o ../../bin/bench . && ../../bin/bench $(BENCH)

soak: ## the long tests and the timed marks, with a table of figures; make soak PARTS="isolation churn" runs some
	SOAK="$(SOAK)" KILLS="$(KILLS)" MODEL="$(MODEL)" ROUNDS="$(ROUNDS)" CHURN="$(CHURN)" PARTS="$(PARTS)" .ci/soak

screenshots: install-tools ## the pictures of the pages in docs/images, from a relay at work
	go test ./cmd/co2 -run 'TestScreenshots$$' -count 1 -screenshots $(CURDIR)/docs/images

install-tools: ## what the tests use: Debian packages, and some of npm
	.ci/install-tools

clean:
	rm -rf bin
