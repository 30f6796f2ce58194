# A table of contents: the logic is in the tests and in .ci/run. `just --list` shows it with these words.
set shell := ["bash", "-euo", "pipefail", "-c"]
# start the server; arguments go to it: `just run -- --help`
run *args:
    cargo run -p rightful -- {{ args }}
# every test; those for PostgreSQL and SMTP run where initdb and aiosmtpd are to be had
test:
    cargo test --workspace
# every test, and no PostgreSQL is a failure instead of a note
test-postgres:
    RIGHTFUL_REQUIRE_POSTGRES=1 cargo test --workspace
# does it compile, tests included: the quick look while writing
check:
    cargo check --workspace --all-targets
# put the code into its one form
fmt:
    cargo fmt --all
# form and clippy, a warning being an error
lint:
    cargo fmt --all --check && cargo clippy --workspace --all-targets -- -D warnings
# which packages may come in, and under whom; licences; sources
deny:
    cargo deny check --allow unused-wrapper bans licenses sources
# the book into docs/book, and the crates' own pages into target/doc
docs:
    mdbook build docs && RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
# write the OpenAPI document anew (to a file first: a failure leaves the old one)
openapi:
    mkdir -p target && cargo run -q -p rightful -- openapi > target/openapi.json && mv target/openapi.json docs/reference/openapi.json
# is the committed OpenAPI document the one that the code makes?
openapi-check:
    cargo run -q -p rightful -- openapi | diff -u docs/reference/openapi.json -
# measure, optimised
bench:
    cargo run --release -p rightful-tests --bin bench
# does the time of an answer tell whether an address has an account? Optimised, half an hour
timing *args:
    cargo run --release -p rightful-tests --bin timing -- {{ args }}
# all that must hold before a change lands
ci: lint test deny openapi-check docs
