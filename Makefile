# Everything installs what it needs first; see scripts/.

RELEASE = swift build -c release
POPUG   = .build/release/popug
DEMO    = .popug-demo

.PHONY: run cluster build contracts test check browser pictures bench format lint clean

## Serves a demonstration company on http://localhost:8080, from a folder of its own that is kept.
run:
	@scripts/setup.sh run
	@$(RELEASE) --product popug
	@test -e $(DEMO)/popug.json || $(POPUG) init --demo --data $(DEMO)
	@exec $(POPUG) serve --data $(DEMO)

## The same in many processes, on PostgreSQL and RabbitMQ (docs/operating.md); Ctrl-C ends all of them in order.
cluster:
	@scripts/setup.sh cluster
	@$(RELEASE) --product popug
	@scripts/cluster.sh

build:
	@scripts/setup.sh run
	@$(RELEASE) --product popug

## Writes contracts/ from the types: schemas of events, AsyncAPI and OpenAPI. Refuses what would break a consumer.
## Writes what deploy/ says of services and routes, too.
contracts: build
	@$(POPUG) contracts
	@$(POPUG) deployment

## Everything: format, fast tests, then real servers, crashes and hostile input. About half an hour on two cores.
test:
	@scripts/setup.sh test
	@scripts/test.sh all

## The fast part: under two minutes after a build.
check:
	@scripts/setup.sh test
	@scripts/test.sh check

## The pages, in Chromium: each role's day, both languages, phone and desktop. Screenshots are left in screenshots/.
browser:
	@scripts/setup.sh browser
	@$(RELEASE) --product popug
	@POPUG_BINARY=$(CURDIR)/$(POPUG) scripts/browser.sh

## The README's pictures, of a fresh demonstration company.
pictures:
	@scripts/setup.sh browser
	@$(RELEASE) --product popug
	@POPUG_BINARY=$(CURDIR)/$(POPUG) .venv/bin/python -B Tests/Browser/pictures.py

## The whole exchange under every fault, seed after seed, until stopped; what is found becomes a test (docs/simulator.md).
simulate:
	@scripts/setup.sh run
	@$(RELEASE) --product popug-dev
	@$(POPUG)-dev simulate --and-sweep --keep Tests/SimulationTests/Seeds.txt $(SIMULATE)

## The figures, each beside its reference in the same run.
bench:
	@scripts/setup.sh bench
	@$(RELEASE) --product popug
	@$(RELEASE) --product popug-bench
	@POPUG_BINARY=$(CURDIR)/$(POPUG) .build/release/popug-bench $(BENCH)

format:
	@swift format --in-place --recursive --parallel Sources Tests Package.swift

lint:
	@swift format lint --strict --recursive --parallel Sources Tests Package.swift

clean:
	@rm -rf .build $(DEMO)
