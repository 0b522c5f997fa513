# Each target says what it is for in the comment after it; "make help" lists them.
.DEFAULT_GOAL := help

# A module for tests alone: ClickHouse's engine, and what runs on it.
CHDBTEST := exporter/activitylogexporter/internal/chdbtest
# Another: arbitrary telemetry through processor and exporter.
FUZZTEST := exporter/activitylogexporter/internal/fuzztest
# Another: what the Grafana dashboards ask, on each database.
DASHBOARDTEST := exporter/activitylogexporter/internal/dashboardtest
# Another: the outbox on each database, with the real collector. A service that imports
# the outbox does not get its drivers.
OUTBOXTEST := instrument/outbox/internal/outboxtest
# Another: the page and the API on databases, and in a browser.
WEBTEST := reader/web/internal/webtest
# Every Go module of the repository, those that depend on others last. Not those of other
# people's programs, bench/telegraf and e2e/apps/programs, which make bench and test-apps build.
MODULES := . internal/confcheck internal/identity internal/table reader internal/vocabulary reader/drivers $(WEBTEST) instrument instrument/spool instrument/setup instrument/protodiff \
	instrument/outbox $(OUTBOXTEST) cmd/activitylog \
	instrument/chi instrument/connect instrument/echo instrument/echov5 instrument/fiber instrument/fiberv2 instrument/gin \
	instrument/gorilla instrument/gqlgen instrument/grpc \
	extension/activityguardextension processor/activityprocessor connector/activityconnector \
	exporter/activitylogexporter $(CHDBTEST) $(FUZZTEST) dashboards $(DASHBOARDTEST) \
	exporter/activitylogexporter/examples/firebird collector/memoryconverter collector examples e2e bench internal/release packaging
COLLECTOR := bin/otelcol-activitylog
# The command that reads rows, and looks after the table.
COMMAND := bin/activitylog
BLOG := bin/blog
# What make bench compares the collector with.
TELEGRAF := bin/telegraf
# The components whose metadata.yaml mdatagen reads.
COMPONENTS := exporter/activitylogexporter connector/activityconnector processor/activityprocessor extension/activityguardextension
# What make generate writes.
GENERATED := collector dashboards docs/reference/attributes.md cmd/activitylog/man $(foreach c,$(COMPONENTS),$(c)/generated_*.go $(c)/documentation.md $(c)/README.md $(c)/internal/metadata $(c)/internal/metadatatest)
# The builder generates collector/, which go vet checks and no linter reads.
LINTED := $(filter-out collector,$(MODULES))
GOLANGCI := bin/golangci-lint
GOLANGCI_VERSION := v2.12.2

# What the test of examples/jaeger sends traces to.
JAEGER := bin/jaeger

# The sources that the collector is made of.
COLLECTOR_SOURCES := $(shell find internal/seglog internal/plain internal/confcheck internal/identity internal/table internal/shared internal/sqldsn activity extension processor connector exporter collector -name '*.go' -not -name '*_test.go' -o -name '*.sql' -o -name go.mod) collector-config.yaml $(wildcard collector/default.pgo)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: collector $(BLOG) ## a collector with SQLite, the example blog, real requests, and the rows they make; DEMO_SERVE=1 shows them in a browser
	cd examples && go run ./demo -collector ../$(COLLECTOR) -config ../collector-config.yaml -blog ../$(BLOG)

.PHONY: collector
collector: $(COLLECTOR) ## build bin/otelcol-activitylog

$(COLLECTOR): $(COLLECTOR_SOURCES)
	@echo "building $@ (the first time this takes some minutes)"
	sh collector/build.sh

.PHONY: command
command: $(COMMAND) ## build bin/activitylog, which reads rows and looks after the table

$(COMMAND): $(shell find activity internal/sqldsn internal/plain internal/table reader cmd -name '*.go' -not -name '*_test.go' -o -name '*.sql' -o -name go.mod)
	@echo "building $@"
	cd cmd/activitylog && go build -o ../../$@ .

$(TELEGRAF): $(wildcard bench/telegraf/*)
	@echo "building $@ (the first time this takes some minutes)"
	cd bench/telegraf && go build -o ../../$@ .

.PHONY: jaeger
jaeger: $(JAEGER) ## build bin/jaeger, a Jaeger without pages, for examples/jaeger

$(JAEGER): scripts/jaeger.sh
	@echo "building $@ (the first time this takes some minutes)"
	sh scripts/jaeger.sh

$(BLOG): $(shell find activity internal/plain internal/seglog instrument reader examples/blog examples/go.mod -name '*.go' -o -name '*.sql' -o -name '*.html' -o -name go.mod)
	@echo "building $@"
	cd examples && go build -o ../$@ ./blog

# -count=1: Go's test cache does not know the programs that the tests run. The
# suites that run on all databases do so without the race detector, which makes
# SQLite ten times slower, and on PostgreSQL with it. The tests of e2e have nothing
# to race but their own load, and those of the command start it hundreds of times.
# What the scripts of databases and clients could not find or install.
export ACTIVITYLOG_SKIPPED := $(CURDIR)/bin/skipped

.PHONY: test
test: forget-skipped databases clients collector jaeger ## every test of every module, with the race detector; installs what they start
	@set -e; export ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR); for module in $(MODULES); do \
		echo "== go test $$module"; \
		(cd $$module && go vet -pgo=off ./... && packages=$$(go list ./... | grep -v -e /e2e/chaos$$ -e /e2e/faults$$ -e /e2e/scale$$ -e /dialecttest$$ -e /reader/drivers$$ -e /table/operate$$ -e /cmd/activitylog$$ -e /packaging/install$$ -e /packaging/artifacts$$ || true) && \
			if [ -n "$$packages" ]; then go test -pgo=off -race -count=1 -timeout 15m $$packages; fi); \
	done; \
	echo "== go test reader/drivers"; (cd reader/drivers && go test -count=1 -timeout 15m . && \
		go test -race -count=1 -timeout 15m -run 'TestReader/PostgreSQL$$|TestScan|TestTail|TestFeed/PostgreSQL$$' .); \
	echo "== go test cmd/activitylog"; (cd cmd/activitylog && go test -count=1 -timeout 15m .); \
	echo "== go test internal/table/operate"; (cd internal/table && go test -count=1 -timeout 15m ./operate && \
		go test -race -count=1 -timeout 15m -run 'TestDatabases/PostgreSQL$$|TestApplyOnBrokenConnections' ./operate); \
	echo "== go test instrument, allocations"; (cd instrument && go test -count=1 -run TestAllocations .); \
	echo "== go test exporter/activitylogexporter/internal/dialecttest"; (cd exporter/activitylogexporter && \
		go test -count=1 -timeout 15m ./internal/dialecttest && go test -race -count=1 -timeout 15m -run 'TestPostgres$$' ./internal/dialecttest); \
	echo "== go test e2e"; (cd e2e && go test -count=1 -timeout 15m -p 1 ./chaos ./faults && go test -count=1 -timeout 15m -parallel 4 ./scale); \
	if [ -s $(ACTIVITYLOG_SKIPPED) ]; then echo "== NOT EVERYTHING WAS TESTED"; cat $(ACTIVITYLOG_SKIPPED); fi

.PHONY: forget-skipped
forget-skipped:
	@mkdir -p bin && rm -f $(ACTIVITYLOG_SKIPPED)

.PHONY: test-faults
test-faults: databases collector ## every fault that e2e/faults makes, and a table of them in bin/faults.md
	cd e2e && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) ACTIVITYLOG_FAULTS=full ACTIVITYLOG_FAULTS_TABLE=$(CURDIR)/bin/faults.md \
		go test -count=1 -timeout 60m -parallel 4 -v ./faults
	cd exporter/activitylogexporter && ACTIVITYLOG_FAULTS=full go test -count=1 -v -run TestRefusedRowsAreFast ./internal/dialecttest
	cd $(OUTBOXTEST) && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) ACTIVITYLOG_FAULTS=full go test -count=1 -v -run TestKilledRelays .

.PHONY: release-test-upgrade
release-test-upgrade: databases collector ## from what each released version left to the present one, and back by one version of the schema, under load
	cd e2e && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) ACTIVITYLOG_UPGRADE=full go test -count=1 -timeout 15m -v ./upgrade

.PHONY: baseline
baseline: collector ## what VERSION=v0.1.0 leaves, for the upgrades of later versions; run it before the release
	cd e2e && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) go test -count=1 -v -run 'TestNewBaseline$$' ./upgrade -new-baseline $(VERSION)

# The programs that scripts/postgres18.sh installs.
POSTGRES18 := $(CURDIR)/bin/postgres18/bin

.PHONY: test-scale
test-scale: databases collector ## a million records through each configuration of docs/operate/scale.md, with kills, and a table of them in bin/scale.md
	cd e2e && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) ACTIVITYLOG_SCALE=full ACTIVITYLOG_SCALE_TABLE=$(CURDIR)/bin/scale.md \
		go test -count=1 -timeout 180m -v ./scale
	cd $(CHDBTEST) && ACTIVITYLOG_SCALE=full ACTIVITYLOG_SCALE_TABLE=$(CURDIR)/bin/scale.md go test -count=1 -timeout 20m -v -run TestReplicas .
	ACTIVITYLOG_SCALE=full go test -count=1 -v -run TestCluster ./internal/testserver/mariatest
	@sh scripts/postgres18.sh
	@if [ -e $(POSTGRES18) ]; then set -e; echo "== PostgreSQL 18"; export ACTIVITYLOG_PG_BIN=$(POSTGRES18); \
		(cd exporter/activitylogexporter && go test -count=1 -timeout 15m -run 'Postgres|PgBouncer' ./internal/dialecttest); \
		(cd reader/drivers && go test -count=1 -timeout 15m -run '/PostgreSQL' .); fi

.PHONY: test-grafana
test-grafana: databases collector ## the dashboards in a real Grafana and a browser; builds it, which takes ten minutes once
	@sh scripts/browser.sh
	sh scripts/grafana.sh
	cd $(DASHBOARDTEST) && ACTIVITYLOG_GRAFANA=$(CURDIR)/bin/grafana go test -tags grafana -count=1 -run 'TestGrafana|TestNewcomer|TestPictures' .

.PHONY: test-loki
test-loki: collector ## activities in a real Loki; builds it, which takes five minutes once
	sh scripts/loki.sh
	cd examples && ACTIVITYLOG_LOKI=$(CURDIR)/bin/loki go test -tags loki -count=1 -run TestLoki ./logstores

.PHONY: test-apps
test-apps: databases collector ## applications from npm and two Go programs, unchanged: what was done, and its rows; installs 1.5 GB once
	sh scripts/apps.sh
	cd e2e/apps/programs && go vet ./...
	cd e2e && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) go test -tags apps -count=1 -timeout 30m -v ./apps

.PHONY: pictures
pictures: databases clients collector ## take the pictures in docs/images again
	sh scripts/grafana.sh
	cd $(DASHBOARDTEST) && ACTIVITYLOG_GRAFANA=$(CURDIR)/bin/grafana go test -tags grafana -count=1 -run TestPictures . -update
	cd examples && go test -count=1 ./django_admin -update
	cd $(WEBTEST) && go test -count=1 -run TestPictures . -update

# How long each of the fuzz tests goes on.
FUZZTIME ?= 10m
fuzz = cd $(1) && go test -run '^$$' -fuzz '^$(2)$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 1x .

.PHONY: fuzz
fuzz: ## arbitrary bytes into all that reads what others wrote, FUZZTIME=10m for each
	$(call fuzz,internal/seglog,FuzzSegment)
	$(call fuzz,internal/plain,FuzzDiff)
	$(call fuzz,instrument/spool,FuzzDecode)
	$(call fuzz,instrument/outbox,FuzzDecode)
	$(call fuzz,extension/activityguardextension/internal/wire,FuzzProtobuf)
	$(call fuzz,extension/activityguardextension/internal/wire,FuzzJSON)
	$(call fuzz,reader,FuzzQuery)
	$(call fuzz,reader/feed,FuzzRequest)
	$(call fuzz,reader/drivers,FuzzFilter)
	$(call fuzz,reader/web,FuzzParse)
	$(call fuzz,reader/web,FuzzShow)
	$(call fuzz,reader/web,FuzzDiff)
	$(call fuzz,cmd/activitylog/internal/escape,FuzzLine)
	$(call fuzz,cmd/activitylog/internal/export,FuzzField)
	$(call fuzz,exporter/activitylogexporter,FuzzDSN)
	$(call fuzz,exporter/activitylogexporter/internal/queue,FuzzPayload)
	$(call fuzz,exporter/activitylogexporter/internal/queue,FuzzFile)
	$(call fuzz,$(FUZZTEST),FuzzBuilt)
	$(call fuzz,$(FUZZTEST),FuzzTraces)
	$(call fuzz,$(FUZZTEST),FuzzLogs)

.PHONY: databases
databases: ## install the databases that the tests start, where that is possible
	@sh scripts/databases.sh

.PHONY: clients
clients: ## install what the examples in other languages and with other tools need, where that is possible
	@sh scripts/node.sh
	@sh scripts/python.sh
	@sh scripts/prometheus.sh
	@sh scripts/browser.sh
	@sh scripts/axe.sh

.PHONY: generate
generate: ## write all generated files again: collector/, dashboards/, the page of attributes, the command's manual pages, and what mdatagen makes of each metadata.yaml
	sh scripts/mdatagen.sh $(COMPONENTS)
	cd dashboards && go run ./generate
	cd internal/vocabulary && go run ./generate
	cd cmd/activitylog && go run ./internal/manual man
	sh collector/generate.sh

.PHONY: check-generated
check-generated: generate ## fail if generating changes anything
	@git diff --exit-code -- $(GENERATED)
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)); test -z "$$new" || { echo "not committed: $$new"; exit 1; }

# How many rows the large tables have; with fewer it is quicker and says less.
BENCH_ROWS ?= 20000000
# How long the collector is sent twice what its database takes.
BENCH_OVERLOAD ?= 5m

.PHONY: bench
bench: collector command databases $(TELEGRAF) ## the benchmarks, and at their end a table of what was to be reached and what was
	@rm -f bin/bench-failed; \
	{ $(MAKE) --no-print-directory benchmarks || touch bin/bench-failed; } 2>&1 | (cd bench && go run ./table); \
	test ! -e bin/bench-failed

.PHONY: benchmarks
benchmarks:
	go test -run '^$$' -bench . -benchmem ./activity
	cd instrument && go test -run '^$$' -bench . -benchmem -count 5 .
	cd instrument/spool && go test -run '^$$' -bench . -benchmem -benchtime 2s .
	cd processor/activityprocessor && go test -run '^$$' -bench . -benchmem ./...
	cd connector/activityconnector && go test -run '^$$' -bench . -benchmem .
	cd exporter/activitylogexporter && go test -run '^$$' -bench . -benchmem ./internal/convert
	cd exporter/activitylogexporter && ACTIVITYLOG_BENCH_ROWS=$(BENCH_ROWS) go test -run '^$$' -bench . -benchmem -benchtime 5x -timeout 120m .
	cd $(CHDBTEST) && go test -run '^$$' -bench . -benchmem -benchtime 7x .
	cd exporter/activitylogexporter/examples/firebird && go test -run '^$$' -bench . .
	cd examples && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) go test -run '^$$' -bench . -benchtime 10x ./django_admin
	cd $(DASHBOARDTEST) && go test -run '^$$' -bench . -benchtime 3x -timeout 60m .
	cd bench && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) ACTIVITYLOG_BENCH_OVERLOAD=$(BENCH_OVERLOAD) ACTIVITYLOG_BENCH_READER_ROWS=$(BENCH_ROWS) \
		ACTIVITYLOG_COMMAND=$(CURDIR)/$(COMMAND) \
		go test -run '^$$' -bench . -benchtime 3x -timeout 120m .

.PHONY: lint
lint: $(GOLANGCI) ## gofmt and golangci-lint on every module
	@unformatted=$$(git ls-files '*.go' ':!:collector' | xargs gofmt -l); \
		test -z "$$unformatted" || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	@set -e; for module in $(LINTED); do \
		echo "== lint $$module"; \
		(cd $$module && GOLANGCI_LINT_CACHE=$(CURDIR)/bin/lint-cache $(CURDIR)/$(GOLANGCI) run --config $(CURDIR)/.golangci.yml ./...); \
	done

$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_VERSION)"
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

.PHONY: release
release: ## make the commits and tags of a release in this clone, VERSION=vX.Y.Z; pushes nothing: docs/maintain/release.md
	cd internal/release && go run ./apicheck && go run . "$(VERSION)"

.PHONY: release-proxy
release-proxy: ## the modules of a release of this clone as a module proxy on disk: VERSION=v0.1.0 PROXY=/tmp/proxy
	@cd internal/release && go run ./proxy "$(VERSION)" "$(if $(PROXY),$(abspath $(PROXY)))"

.PHONY: api-check
api-check: ## fail if a package exports less than in the last release, or something else
	cd internal/release && go run ./apicheck

.PHONY: release-test
release-test: ## make a release in a clone of this one, and use what is in it as strangers would
	@set -e; for part in $(RELEASE_TESTS); do \
		echo "== $$part"; began=$$(date +%s); $(MAKE) --no-print-directory $$part; echo "== $$part took $$(($$(date +%s) - began)) s"; \
	done

# What release-test is made of.
RELEASE_TESTS := api-check release-test-modules release-test-packages release-test-containers release-test-upgrade

.PHONY: release-test-modules
release-test-modules: ## its Go modules: a service, the command and a collector of somebody else
	cd internal/release && go test -tags newcomer -count=1 -timeout 20m -v ./newcomer

# The folders of modules that others may import or run: those of versions.yaml's sets. Their
# dependencies become dependencies of others.
PUBLISHED = $(shell sed -n -e '/^excluded-modules/q' -e 's|^ *- github.com/otelactivity/activitylog$$|.|p' \
	-e 's|^ *- github.com/otelactivity/activitylog/||p' versions.yaml)
GORELEASER := bin/goreleaser
GORELEASER_VERSION := v2.15.1
CYCLONEDX := bin/cyclonedx-gomod
CYCLONEDX_VERSION := v1.10.0
GOVULNCHECK := bin/govulncheck
GOVULNCHECK_VERSION := v1.9.0

.PHONY: snapshot
snapshot: $(GORELEASER) $(CYCLONEDX) ## programs, archives, packages, SBOMs and checksums in dist/, published nowhere; RELEASE_PLATFORMS=host for this machine's platform alone
	sh packaging/goreleaser.sh release --snapshot

.PHONY: release-test-packages
release-test-packages: licenses snapshot ## what snapshot made: installed, upgraded, purged, and built again with the same bytes; as root
	@sh scripts/packaging.sh
	@sh scripts/mod-verify.sh collector cmd/activitylog
	cd packaging && go test -pgo=off -count=1 -timeout 10m ./install ./artifacts ./licenses ./prepare ./internal/...

.PHONY: licenses
licenses: ## list the licences of all that the published modules import in packaging/licenses/licenses.tsv; fails if one is not allowed or the list was not committed
	cd packaging && go run ./licenses $(PUBLISHED)
	@git diff --exit-code -- packaging/licenses/licenses.tsv

.PHONY: mod-verify
mod-verify: ## compare the module cache with the checksums of each go.sum
	@sh scripts/mod-verify.sh $(MODULES)

.PHONY: vulncheck
vulncheck: $(GOVULNCHECK) ## known vulnerabilities in code that the published modules call
	@sh scripts/vulncheck.sh $(PUBLISHED)

$(GORELEASER):
	@echo "building goreleaser $(GORELEASER_VERSION) (this takes some minutes)"
	GOBIN=$(CURDIR)/bin go install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)

$(CYCLONEDX):
	@echo "building cyclonedx-gomod $(CYCLONEDX_VERSION)"
	GOBIN=$(CURDIR)/bin go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)

$(GOVULNCHECK):
	@echo "building govulncheck $(GOVULNCHECK_VERSION)"
	GOBIN=$(CURDIR)/bin go install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)

.PHONY: images
images: ## container images of the collector and the command in bin/images, published nowhere; RELEASE_PLATFORMS=host for this machine's processor alone
	sh packaging/images.sh

.PHONY: release-test-containers
release-test-containers: collector images ## run the images without an engine, as root; read the manifests of Kubernetes and compose
	cd packaging && ACTIVITYLOG_COLLECTOR=$(CURDIR)/$(COLLECTOR) ACTIVITYLOG_IMAGES=$(CURDIR)/bin/images \
		go test -count=1 -timeout 5m ./images ./kubernetes ./compose

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist
