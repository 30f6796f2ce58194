//! Accounts, the directory of contacts, sessions, links, changes of address, letters, the audit trail, tallies
//! of limits and answers to repeated requests.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // PostgreSQL does so by itself, SQLite when it is asked to.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let (tables, triggers) = match manager.get_database_backend() {
            DbBackend::Sqlite => (for_sqlite(TABLES), SQLITE_TRIGGERS),
            _ => (TABLES.to_owned(), POSTGRES_TRIGGERS),
        };
        connection.execute_unprepared(&tables).await?;
        connection.execute_unprepared(triggers).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(DROP_TABLES).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared("DROP FUNCTION refuse_audit_change").await?;
        }
        Ok(())
    }
}

/// The tables in PostgreSQL's words. An instant is a number of milliseconds since 1970 (decision 0007).
///
/// Constraints hold what is true for good. Words that every new feature adds to (kinds of letters, acts,
/// purposes, reasons, languages) are bounded in length only: a list of them here would have to be rebuilt with
/// each.
///
/// A link names its change of address without a foreign key, because one commit may write the two in either
/// order. Letters and audit entries outlive their account, so they keep ids and no foreign key.
const TABLES: &str = "
CREATE TABLE accounts (
    id uuid NOT NULL PRIMARY KEY,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    email_key text NOT NULL CHECK (length(email_key) >= 3),
    verified_at bigint,
    password text NOT NULL CHECK (length(password) BETWEEN 1 AND 1000),
    password_set_at bigint NOT NULL,
    password_set_by text NOT NULL CHECK (password_set_by IN ('owner', 'mailbox')),
    replaced_passwords text CHECK (length(replaced_passwords) >= 1),
    replaced_at bigint,
    name text CHECK (length(name) BETWEEN 1 AND 100),
    locale text NOT NULL CHECK (length(locale) BETWEEN 2 AND 35),
    origin text NOT NULL CHECK (origin IN ('direct', 'checkout', 'post_checkout')),
    epoch bigint NOT NULL CHECK (epoch >= 0),
    freeze_since bigint,
    freeze_until bigint,
    second_factor_at bigint,
    recovered_at bigint,
    security_checked_at bigint,
    created_at bigint NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    CONSTRAINT accounts_proof_and_epoch CHECK ((verified_at IS NULL) = (epoch = 0)),
    CONSTRAINT accounts_replaced CHECK ((replaced_passwords IS NULL) = (replaced_at IS NULL)),
    CONSTRAINT accounts_freeze CHECK (
        (freeze_since IS NULL) = (freeze_until IS NULL) AND freeze_since <= freeze_until
    )
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (email_key);

CREATE TABLE contacts (
    email_key text NOT NULL PRIMARY KEY CHECK (length(email_key) >= 3),
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    source text NOT NULL
        CHECK (source IN ('order', 'newsletter', 'donation', 'form', 'import', 'released')),
    released_by uuid,
    released_at bigint,
    first_seen_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    CONSTRAINT contacts_release CHECK (
        (source = 'released') = (released_by IS NOT NULL)
        AND (source = 'released') = (released_at IS NOT NULL)
    )
);

CREATE TABLE sessions (
    id uuid NOT NULL PRIMARY KEY,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    secret bytea NOT NULL CHECK (length(secret) = 32),
    epoch bigint NOT NULL CHECK (epoch >= 0),
    carrier text NOT NULL CHECK (carrier IN ('cookie', 'bearer')),
    device text NOT NULL,
    source text NOT NULL,
    started_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    proved_at bigint NOT NULL,
    factor_at bigint,
    ended_at bigint,
    ended_why text CHECK (length(ended_why) BETWEEN 1 AND 64),
    version bigint NOT NULL CHECK (version >= 1),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE UNIQUE INDEX sessions_secret ON sessions (secret);
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE second_factors (
    id uuid NOT NULL PRIMARY KEY,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 16),
    key bytea,
    last_step bigint,
    codes text,
    state text NOT NULL CHECK (state IN ('begun', 'bound', 'ended')),
    state_at bigint NOT NULL,
    ended_why text CHECK (length(ended_why) BETWEEN 1 AND 64),
    epoch bigint NOT NULL CHECK (epoch >= 0),
    begun_at bigint NOT NULL,
    last_used_at bigint,
    version bigint NOT NULL CHECK (version >= 1),
    CONSTRAINT second_factors_end CHECK ((state = 'ended') = (ended_why IS NOT NULL)),
    CONSTRAINT second_factors_destroyed CHECK (state <> 'ended' OR (key IS NULL AND codes IS NULL))
);
CREATE INDEX second_factors_account ON second_factors (account);

CREATE TABLE trusted_devices (
    id uuid NOT NULL PRIMARY KEY,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    secret bytea NOT NULL CHECK (length(secret) = 32),
    epoch bigint NOT NULL CHECK (epoch >= 0),
    device text NOT NULL,
    source text NOT NULL,
    trusted_at bigint NOT NULL,
    ended_at bigint
);
CREATE UNIQUE INDEX trusted_devices_secret ON trusted_devices (secret);
CREATE INDEX trusted_devices_account ON trusted_devices (account);

CREATE TABLE links (
    id uuid NOT NULL PRIMARY KEY,
    secret bytea NOT NULL CHECK (length(secret) = 32),
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 16),
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email_change uuid,
    epoch bigint NOT NULL CHECK (epoch >= 0),
    issued_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    redeemed_at bigint
);
CREATE UNIQUE INDEX links_secret ON links (secret);
CREATE INDEX links_account ON links (account);

CREATE TABLE email_changes (
    id uuid NOT NULL PRIMARY KEY,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    old_email text NOT NULL CHECK (length(old_email) BETWEEN 3 AND 254),
    new_email text NOT NULL CHECK (length(new_email) BETWEEN 3 AND 254),
    state text NOT NULL CHECK (state IN (
        'pending', 'confirmed', 'superseded', 'cancelled', 'undeliverable', 'disputed', 'reverted'
    )),
    state_at bigint,
    epoch bigint NOT NULL CHECK (epoch >= 0),
    password_then text NOT NULL CHECK (length(password_then) BETWEEN 1 AND 1000),
    passwords_before text CHECK (length(passwords_before) >= 1),
    approval text NOT NULL CHECK (approval IN ('not_needed', 'awaited', 'given')),
    approved_at bigint,
    requested_at bigint NOT NULL,
    deadline bigint NOT NULL,
    letters bigint NOT NULL CHECK (letters >= 0),
    last_letter_at bigint NOT NULL,
    disputed_at bigint,
    version bigint NOT NULL CHECK (version >= 1),
    CONSTRAINT email_changes_state_at CHECK ((state = 'pending') = (state_at IS NULL)),
    CONSTRAINT email_changes_approved_at CHECK ((approval = 'given') = (approved_at IS NOT NULL))
);
CREATE UNIQUE INDEX email_changes_unfinished ON email_changes (account)
    WHERE state IN ('pending', 'undeliverable');
CREATE INDEX email_changes_account ON email_changes (account, state_at);

CREATE TABLE letters (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    account uuid,
    email_change uuid,
    posted_at bigint NOT NULL,
    payload bytea,
    state text NOT NULL CHECK (state IN ('due', 'sent', 'dead')),
    due_at bigint NOT NULL,
    leased_until bigint,
    attempts bigint NOT NULL CHECK (attempts >= 0),
    ended_at bigint,
    error text,
    CONSTRAINT letters_content CHECK ((state = 'sent') = (payload IS NULL)),
    CONSTRAINT letters_end CHECK ((state = 'due') = (ended_at IS NULL)),
    CONSTRAINT letters_lease CHECK (state = 'due' OR leased_until IS NULL)
);
CREATE INDEX letters_due ON letters (due_at) WHERE state = 'due';
CREATE INDEX letters_dead ON letters (ended_at) WHERE state = 'dead';

CREATE TABLE audit_entries (
    seq bigint NOT NULL PRIMARY KEY CHECK (seq >= 1),
    id uuid NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL CHECK (length(actor) BETWEEN 1 AND 64),
    act text NOT NULL CHECK (length(act) BETWEEN 1 AND 64),
    account uuid,
    source text NOT NULL,
    request text NOT NULL,
    details text NOT NULL,
    previous bytea NOT NULL CHECK (length(previous) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE UNIQUE INDEX audit_entries_id ON audit_entries (id);
CREATE UNIQUE INDEX audit_entries_hash ON audit_entries (hash);
CREATE UNIQUE INDEX audit_entries_previous ON audit_entries (previous);
CREATE INDEX audit_entries_account ON audit_entries (account, seq);

CREATE TABLE throttle_tallies (
    key bytea NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    count bigint NOT NULL CHECK (count >= 0),
    since bigint NOT NULL,
    closed_until bigint NOT NULL,
    over_at bigint NOT NULL
);
CREATE INDEX throttle_tallies_over ON throttle_tallies (over_at);

CREATE TABLE idempotency_answers (
    key bytea NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    body bytea NOT NULL CHECK (length(body) = 32),
    claimed_at bigint NOT NULL,
    answer bytea
);
CREATE INDEX idempotency_answers_claimed ON idempotency_answers (claimed_at);

CREATE TABLE key_seals (
    id bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed bytea NOT NULL
);
";

/// The audit trail takes new entries and nothing else. `INSERT OR REPLACE` deletes without firing a trigger,
/// so it needs one of its own.
const SQLITE_TRIGGERS: &str = "
CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END;
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END;
CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries
WHEN EXISTS (
    SELECT 1 FROM audit_entries
    WHERE seq = NEW.seq OR id = NEW.id OR hash = NEW.hash OR previous = NEW.previous
)
BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END;
";

/// The audit trail takes new entries and nothing else.
const POSTGRES_TRIGGERS: &str = "
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_entries is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_entries_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
";

const DROP_TABLES: &str = "
DROP TABLE key_seals;
DROP TABLE idempotency_answers;
DROP TABLE throttle_tallies;
DROP TABLE audit_entries;
DROP TABLE letters;
DROP TABLE email_changes;
DROP TABLE links;
DROP TABLE trusted_devices;
DROP TABLE second_factors;
DROP TABLE sessions;
DROP TABLE contacts;
DROP TABLE accounts;
";

/// The same in SQLite's words. A `STRICT` table refuses a value of another type, which SQLite would take
/// otherwise.
fn for_sqlite(tables: &str) -> String {
    tables
        .replace(" bigint", " integer")
        .replace(" uuid", " blob")
        .replace(" bytea", " blob")
        .replace("\n);", "\n) STRICT;")
}
