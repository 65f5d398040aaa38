# The commands of the project. `make help` lists them. Nothing here needs more than Go, except the tests (see `make prerequisites`).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

TOOL := go tool -modfile=tools/go.mod
export CGO_ENABLED := 0

.PHONY: help demo build test prerequisites signer check format vet staticcheck fresh gotest service e2e journeys pages crash lifecycle bench bench-queue bench-gost audit-tamper lint generate cover fuzz

help: ## list the commands
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

demo: signer ## start everything with made-up people, keys and neighbours, on http://127.0.0.1:8080
	go run ./cmd/elicense demo $(ARGS)

build: signer ## build the binary into bin/
	go build -trimpath -o bin/elicense ./cmd/elicense

signer: ## build the signer for the browser, which the binary embeds
	@tools/signer.sh

test: prerequisites signer check gotest service e2e ## the whole test command

prerequisites:
	@tools/prerequisites.sh

check: format vet staticcheck fresh ## formatting, vet, staticcheck, generated files

format:
	@bad=$$(git ls-files -z '*.go' | xargs -0 ls -d 2>/dev/null | grep -v '_templ\.go$$' | xargs gofmt -l); \
	if [ -n "$$bad" ]; then echo "not gofmt-ed:"; echo "$$bad"; exit 1; fi

vet:
	go vet ./...

staticcheck:
	$(TOOL) staticcheck ./...

fresh:
	@tools/fresh.sh

gotest: signer ## the Go tests: go test ./... with ARGS
	go test -timeout 30m -p 3 $(ARGS) ./internal/sqlstore ./internal/app ./... # the slowest first: they wait for disks

service: ## check the text of the services and replay their cases
	go run ./cmd/elicense service check
	go run ./cmd/elicense service test

e2e: prerequisites signer ## components, journeys and every page in a real browser
	@tools/e2e.sh

journeys: prerequisites signer ## the journeys of officials and of a licence, in Kazakh and in Russian
	@tools/e2e.sh "portal.mjs --only journey-officials --both" "portal.mjs --only journey-permit --both"

pages: prerequisites signer ## of these only the pages of the routers: ARGS="--state text --shots folder"
	@tools/e2e.sh "portal.mjs --only pages $(ARGS)"

crash: prerequisites ## kill the server under load: nothing acknowledged may be lost
	go run ./bench/crash $(ARGS)

lifecycle: ## random sequences of what people do to an application: ARGS="-rapid.checks=100000"
	go test ./internal/application -run 'TestLifecycle$$' -count 1 -v $(or $(ARGS),-rapid.checks=100000)

bench: prerequisites ## form and decision of an application; submissions per second, beside pgbench on the same PostgreSQL
	go test -run '^$$' -bench Application -count 5 ./internal/cases
	go run ./bench/load $(ARGS)

bench-queue: prerequisites ## the queue of officials among a million applications: every view, filter and search over HTTP
	go run ./bench/queue $(ARGS)

bench-gost: ## the GOST signature beside OpenSSL's engine, without and with assembly
	go run -tags purego ./bench/gost $(ARGS)
	go run ./bench/gost $(ARGS)

audit-tamper: ## 10,000 changes of the audit's log by a superuser, on both engines: each must be found with its place
	ELICENSE_TAMPER=10000 go test -count 1 -timeout 60m -run TestEveryChangeOfTheLogIsFound -v ./internal/sqlstore

lint: ## golangci-lint; its first build takes minutes
	go tool -modfile=tools/lint/go.mod golangci-lint run ./...

generate: ## make the Go files of the templates anew
	$(TOOL) templ generate -path .

cover: prerequisites ## what the Go tests reach
	go test -coverpkg=./internal/... -coverprofile=coverage.out ./...
	go tool cover -func=coverage.out | tail -1

fuzz: ## every fuzz test for FUZZTIME (10s)
	@tools/fuzz.sh
