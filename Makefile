# Everything that people and CI do with Billing Clerk. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0

TOOLS := $(CURDIR)/.tools
BIN := $(TOOLS)/bin
SAM_VERSION := 1.170.0
SAM := $(TOOLS)/sam-$(SAM_VERSION)/bin/sam
TAGS := dynamo,stripemock,browser
LDFLAGS := -s -w
# Random histories of charging that the simulation plays in a full test, and random turns of talk; the quick loop plays 1,500
# and 4,000.
SIM_RUNS ?= 100000

help: ## what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run all of it on this machine, with a demo firm: http://127.0.0.1:8080
	@go run ./functions/local

talk: ## talk to the skill in this terminal (starts what `make run` starts, if it is not running)
	@go run ./functions/local talk

test: tools lint check-skill check-sam ## everything; installs what it needs under .tools
	CLERK_SIM_RUNS=$(SIM_RUNS) CLERK_WALK_TURNS=$(SIM_RUNS) go test -tags $(TAGS) -timeout 40m ./...

quick: ## the quick loop: Go alone
	go test ./...

bench: build-skill ## the benchmarks, each with its ratio to its yardstick
	go test -tags dynamo -run '^$$' -bench . -benchtime 1s -timeout 40m ./internal/...

lint: $(BIN)/golangci-lint ## vet and lint
	$(BIN)/golangci-lint run ./...

tools: $(BIN)/stripe-mock $(SAM) $(TOOLS)/chromium ## what the tests need, under .tools

$(BIN)/golangci-lint: tools/go.mod
	@command -v go >/dev/null || { echo "Go is missing: install Go 1.26, https://go.dev/dl/"; exit 1; }
	go build -C tools -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(BIN)/stripe-mock: tools/go.mod
	go build -C tools -o $@ github.com/stripe/stripe-mock

$(SAM):
	@command -v python3 >/dev/null || { echo "Python 3 is missing: apt-get install python3 python3-venv"; exit 1; }
	python3 -m venv $(TOOLS)/sam-$(SAM_VERSION) || { echo "venv is missing: apt-get install python3-venv"; exit 1; }
	$(TOOLS)/sam-$(SAM_VERSION)/bin/pip install --quiet --disable-pip-version-check -r infra/sam-requirements.txt

$(TOOLS)/chromium:
	@mkdir -p $(TOOLS)
	@bash infra/chromium.sh $@

check-sam: $(SAM) ## validate and build the SAM template, without credentials
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint
	@$(MAKE) --no-print-directory build

check-skill: ## check the skill package and our answers against Amazon's published types
	@command -v npm >/dev/null || { echo "Node with npm is missing: apt-get install nodejs npm"; exit 1; }
	npm --prefix infra/skill-check ci --no-audit --no-fund --silent
	npm --prefix infra/skill-check run --silent check

build: $(SAM) ## build the functions for Lambda
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 GOFLAGS='-tags=lambda.norpc "-ldflags=$(LDFLAGS)"' $(SAM) build

build-skill: ## build the skill binary for this machine: what the benchmarks start
	go build -trimpath -tags lambda.norpc -ldflags '$(LDFLAGS)' -o build/skill ./functions/skill

deploy: build ## deploy with SAM; the first time: make deploy ARGS=--guided
	$(SAM) deploy $(ARGS)

clean: ## remove builds and tools; the data folder stays
	rm -rf build .aws-sam .tools

.PHONY: help run talk test quick bench lint tools check-sam check-skill build build-skill deploy clean
