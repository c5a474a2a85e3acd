# What there is to do here. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test e2e bench lint fmt frontend clean

help: ## list the targets
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

demo: ## build, run and break an example before your eyes (root; 8 min the first time, seconds after)
	@scripts/demo.sh

test: ## every test, also against a real daemon (root; 40 min the first time, 25 min after)
	@scripts/test.sh

e2e: ## only the whole builds against the daemon; FILTER=name for some of them
	@scripts/e2e.sh $(FILTER)

bench: ## measure against BuildKit's Dockerfile compiler and frontend (root; 15 min the first time, 7 min after)
	@scripts/bench.sh $(BENCH)

lint: ## what CI refuses: formatting and lints
	cargo fmt --check
	cargo clippy --locked --all-targets --features e2e -- -D warnings
	cargo clippy --locked --no-default-features -- -D warnings
	cd lab && go vet ./...

fmt: ## format Rust and Go
	cargo fmt
	gofmt -w lab examples

frontend: ## the frontend's image into the lab's registry
	@scripts/frontend.sh

clean: ## stop the lab and remove what was built; the shared cache stays
	go run -C lab ./cmd/lab down --all --purge
	cargo clean
