//! The contract of the ports that keep something, as tests for any adapter.
//!
//! A fake that blesses what its author forgot is worse than none, so the records in memory, in SQLite and in
//! PostgreSQL pass the same cases. A caller says how to get an empty database and has one named test a case:
//!
//! ```text
//! async fn fresh() -> Adapters { … }
//! rightful_testkit::contract_tests!(fresh);
//! ```
//!
//! A case is a function whose name is the rule that it checks. Races are real: all runners start together
//! on several threads.

pub mod accounts;
pub mod audit;
pub mod changes;
pub mod contacts;
pub mod email_change;
pub mod idempotency;
pub mod letters;
pub mod links;
pub mod retention;
pub mod second_factors;
pub mod sessions;
pub mod throttle;
pub mod trusted_devices;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use rightful_domain::accounts::AccountRepository;
use rightful_domain::audit::AuditRepository;
use rightful_domain::changes::{Changes, Write};
use rightful_domain::contacts::ContactRepository;
use rightful_domain::email_change::EmailChangeRepository;
use rightful_domain::idempotency::IdempotencyRepository;
use rightful_domain::letters::LetterRepository;
use rightful_domain::links::LinkRepository;
use rightful_domain::ports::{CommitError, Unique, UnitOfWork};
use rightful_domain::second_factors::SecondFactorRepository;
use rightful_domain::sessions::SessionRepository;
use rightful_domain::throttle::Throttle;
use rightful_domain::trusted_devices::TrustedDeviceRepository;
use tokio::sync::Barrier;

use crate::builders::changes;

/// One adapter of each port that keeps something, all over the same, at first empty, database.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its name; the last has a line")]
pub struct Adapters {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub accounts: Arc<dyn AccountRepository>,
    pub contacts: Arc<dyn ContactRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub second_factors: Arc<dyn SecondFactorRepository>,
    pub trusted_devices: Arc<dyn TrustedDeviceRepository>,
    pub links: Arc<dyn LinkRepository>,
    pub email_changes: Arc<dyn EmailChangeRepository>,
    pub letters: Arc<dyn LetterRepository>,
    pub audit: Arc<dyn AuditRepository>,
    pub throttle: Arc<dyn Throttle>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    /// What must live as long as the adapters: a temporary folder, a [`crate::postgres::Database`].
    pub keep: Arc<dyn Any + Send + Sync>,
}

impl fmt::Debug for Adapters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adapters").finish_non_exhaustive()
    }
}

impl Adapters {
    /// Every port from one thing that is all of them, as [`crate::memory::Memory`] is.
    pub fn all_of<A>(everything: Arc<A>) -> Self
    where
        A: UnitOfWork
            + AccountRepository
            + ContactRepository
            + SessionRepository
            + SecondFactorRepository
            + TrustedDeviceRepository
            + LinkRepository
            + EmailChangeRepository
            + LetterRepository
            + AuditRepository
            + Throttle
            + IdempotencyRepository
            + 'static,
    {
        Self {
            unit_of_work: everything.clone(),
            accounts: everything.clone(),
            contacts: everything.clone(),
            sessions: everything.clone(),
            second_factors: everything.clone(),
            trusted_devices: everything.clone(),
            links: everything.clone(),
            email_changes: everything.clone(),
            letters: everything.clone(),
            audit: everything.clone(),
            throttle: everything.clone(),
            idempotency: everything,
            keep: Arc::new(()),
        }
    }

    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        self.unit_of_work.commit(changes).await
    }

    /// Commits writes that nothing stands against.
    async fn write(&self, writes: impl IntoIterator<Item = Write>) {
        self.commit(changes(writes)).await.expect("nothing stands against these writes");
    }

    /// Commits writes that may be refused.
    async fn try_write(&self, writes: impl IntoIterator<Item = Write>) -> Result<(), CommitError> {
        self.commit(changes(writes)).await
    }

    /// How many audit entries there are: one for each commit by [`Adapters::write`].
    async fn audited(&self) -> usize {
        self.audit.list(0, 10_000).await.expect("the audit trail reads").len()
    }
}

fn is_stale(result: &Result<(), CommitError>) -> bool {
    matches!(result, Err(CommitError::Stale))
}

fn is_taken(result: &Result<(), CommitError>, what: Unique) -> bool {
    matches!(result, Err(CommitError::Taken(unique)) if *unique == what)
}

fn assert_stale(result: &Result<(), CommitError>) {
    assert!(is_stale(result), "stale was expected, not {result:?}");
}

fn assert_taken(result: &Result<(), CommitError>, what: Unique) {
    assert!(is_taken(result, what), "{what:?} taken was expected, not {result:?}");
}

/// Starts the work of every runner at one moment, on as many threads as there are, and gives what each
/// found, in the order of their numbers.
async fn race<T, F>(runners: usize, work: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let line = Arc::new(Barrier::new(runners));
    let running: Vec<_> = (0..runners)
        .map(|runner| {
            let (line, work) = (Arc::clone(&line), work(runner));
            tokio::spawn(async move {
                line.wait().await;
                work.await
            })
        })
        .collect();
    let mut found = Vec::with_capacity(runners);
    for runner in running {
        found.push(runner.await.expect("no runner panics"));
    }
    found
}

/// Makes a test of every case. `$fresh` names an `async fn() -> Adapters` of the same module, which makes an
/// empty database each time it is called; or one that gives `Option<Adapters>`, where `None` means that this
/// machine has not what it takes, and passes.
///
/// The calling package needs `tokio` with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! contract_tests {
    ($fresh:ident) => {
        $crate::contract_tests! { $fresh:
            accounts {
                every_field_of_an_account_reads_back,
                an_account_that_is_not_there_is_none,
                an_account_is_found_by_its_key_however_it_is_spelled,
                an_update_moves_the_version_on_by_one,
                an_update_decided_on_another_version_is_stale,
                an_update_of_an_account_that_is_gone_is_stale,
                a_second_account_with_one_key_is_refused,
                an_id_is_given_to_one_account,
                of_thirty_two_registrations_of_one_address_one_wins,
                of_two_moves_to_one_address_one_wins,
                an_address_that_was_left_is_free_in_the_same_commit,
                of_thirty_two_updates_of_one_version_one_wins,
                an_unverified_account_gives_way_with_all_that_hangs_on_it,
                a_verified_account_never_gives_way,
                an_account_of_another_version_does_not_give_way,
            }
            retention {
                what_is_over_for_long_is_forgotten_and_nothing_else,
            }
            contacts {
                every_field_of_a_contact_reads_back,
                a_contact_that_is_not_there_is_none,
                a_contact_put_again_keeps_when_it_was_first_seen,
                a_contact_is_found_by_its_key_however_it_is_spelled,
                a_contact_gives_way_and_comes_back,
                of_thirty_two_that_put_one_contact_none_fails,
            }
            sessions {
                every_field_of_a_session_reads_back,
                a_session_that_is_not_there_is_none,
                a_session_comes_with_its_account_as_it_is_now,
                an_update_moves_the_version_on_by_one,
                an_update_decided_on_another_version_is_stale,
                an_update_of_an_ended_session_is_stale,
                a_renewed_secret_works_at_once_and_the_old_one_no_more,
                a_secret_belongs_to_one_session,
                a_session_of_an_account_that_is_gone_is_stale,
                the_end_of_a_session_is_seen_at_once,
                the_first_end_of_a_session_stands,
                a_session_is_ended_only_by_its_own_account,
                ending_what_is_not_there_is_no_error,
                all_sessions_end_but_the_one_that_is_named,
                the_list_leaves_out_ended_sessions_and_puts_the_last_used_first,
                the_list_ends_at_a_hundred,
                a_touch_is_kept_and_makes_no_decision_stale,
                a_late_touch_does_not_turn_back_time,
                touching_an_ended_session_is_no_error,
                a_reader_in_a_race_with_the_end_never_keeps_the_session_alive,
                what_demands_a_live_session_is_written_with_one,
                what_demands_a_session_that_is_over_is_stale_and_writes_nothing,
                nothing_that_demands_a_session_comes_after_its_end,
            }
            second_factors {
                every_field_of_a_factor_reads_back,
                an_account_without_factors_has_an_empty_list,
                the_list_leaves_out_what_ended_and_puts_the_oldest_first,
                an_update_of_a_factor_moves_the_version_on_by_one,
                of_thirty_two_that_use_one_code_one_wins,
                an_id_is_given_to_one_factor,
                a_factor_of_an_account_that_is_gone_is_stale,
            }
            trusted_devices {
                every_field_of_a_device_reads_back,
                a_device_that_is_not_there_is_none,
                trust_is_ended_only_by_its_own_account_and_once,
                the_list_leaves_out_ended_trust_and_puts_the_latest_first,
                a_secret_belongs_to_one_device,
                a_device_of_an_account_that_is_gone_is_stale,
            }
            links {
                every_field_of_a_link_reads_back,
                a_link_that_is_not_there_is_none,
                a_link_is_redeemed_once,
                a_link_that_is_not_there_is_not_redeemed,
                of_thirty_two_that_redeem_one_link_one_wins,
                a_secret_belongs_to_one_link,
                a_link_of_an_account_that_is_gone_is_stale,
            }
            email_change {
                every_field_of_a_change_reads_back,
                a_change_that_is_not_there_is_none,
                an_update_moves_the_version_on_by_one,
                an_update_decided_on_another_version_is_stale,
                a_second_unfinished_change_of_one_account_is_refused,
                a_change_may_follow_a_finished_one_in_the_same_commit,
                of_thirty_two_requests_of_one_account_one_wins,
                two_accounts_may_ask_for_one_address,
                an_unfinished_change_is_found_until_it_is_finished,
                the_last_confirmed_change_that_was_not_reverted_is_found,
                a_change_that_was_reverted_while_it_was_pending_hides_no_confirmed_one,
                a_change_of_an_account_that_is_gone_is_stale,
            }
            letters {
                every_field_of_a_letter_reads_back,
                a_posted_letter_is_leased_the_oldest_first,
                no_letter_is_leased_to_two_at_once,
                a_lease_that_ended_gives_the_letter_again_and_counts_the_try,
                a_sent_letter_is_gone_for_good,
                a_deferred_letter_comes_back_at_its_time_and_no_millisecond_before,
                a_dead_letter_is_listed_with_what_the_server_said,
                dead_letters_are_listed_the_latest_first,
                a_dead_letter_revived_is_due_and_has_its_tries_again,
                only_a_dead_letter_is_revived,
                whoever_lost_the_lease_decides_nothing,
                a_letter_id_is_posted_once,
                the_state_of_the_queue_counts_what_waits_and_what_died,
                what_a_server_said_is_kept_whatever_it_said,
                letters_outlive_the_account_that_gave_way,
            }
            audit {
                every_field_of_an_entry_reads_back,
                the_trail_begins_empty_and_counts_without_gaps,
                events_of_one_commit_stand_in_their_order,
                the_chain_holds_after_thirty_two_commits_at_once,
                the_trail_is_read_in_pages,
                entries_about_an_account_are_listed_the_latest_first,
                an_event_id_is_told_once,
            }
            changes {
                all_of_a_commit_is_written,
                a_failure_at_any_place_leaves_nothing_written,
                a_commit_of_nothing_but_its_event_is_told,
                upkeep_is_written_and_not_told,
                of_two_commits_that_cross_one_wins_and_none_hangs,
            }
            throttle {
                a_quota_lets_through_as_many_as_it_says,
                a_quota_opens_again_when_its_window_is_over,
                a_ladder_waits_twice_as_long_each_time,
                a_ceiling_closes_for_good,
                a_refused_try_is_not_counted,
                when_one_limit_says_wait_none_counts_and_the_longest_wait_is_told,
                no_limit_says_go,
                of_thirty_two_tries_at_once_a_quota_of_five_lets_five_through,
                of_thirty_two_tries_at_once_a_ceiling_of_five_lets_five_through,
                limits_in_another_order_do_not_hang,
                what_a_success_forgets_starts_anew,
                keys_do_not_share_their_tries,
            }
            idempotency {
                a_new_key_is_yours,
                a_key_in_flight_is_not_given_again,
                a_key_with_another_body_is_refused,
                an_answer_is_given_again_byte_for_byte,
                an_abandoned_key_is_free_at_once,
                a_claim_whose_process_died_is_taken_over_after_a_minute,
                an_answer_is_kept_for_a_day_and_then_forgotten,
                of_thirty_two_claims_of_one_key_one_is_yours,
                of_thirty_two_that_take_over_a_dead_claim_one_is_yours,
                keys_do_not_share_their_answers,
            }
        }
    };
    ($fresh:ident: $($feature:ident { $($case:ident,)* })*) => {$(
        mod $feature {$(
            #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let adapters: ::std::option::Option<$crate::contract::Adapters> =
                    super::$fresh().await.into();
                if let ::std::option::Option::Some(adapters) = adapters {
                    $crate::contract::$feature::$case(adapters).await;
                }
            }
        )*}
    )*};
}

#[cfg(test)]
mod tests {
    /// A case that the macro forgets would never run, and nobody would see it.
    #[test]
    fn the_macro_names_every_case_under_its_feature() {
        let listed = include_str!("mod.rs");
        for (feature, source) in [
            ("accounts", include_str!("accounts.rs")),
            ("audit", include_str!("audit.rs")),
            ("changes", include_str!("changes.rs")),
            ("contacts", include_str!("contacts.rs")),
            ("email_change", include_str!("email_change.rs")),
            ("idempotency", include_str!("idempotency.rs")),
            ("letters", include_str!("letters.rs")),
            ("links", include_str!("links.rs")),
            ("sessions", include_str!("sessions.rs")),
            ("throttle", include_str!("throttle.rs")),
        ] {
            let (_, rest) = listed.split_once(&format!("            {feature} {{\n")).unwrap();
            let (block, _) = rest.split_once('}').unwrap();
            let listed: Vec<_> = block.lines().map(|l| l.trim().trim_end_matches(',')).collect();
            let cases = source.split("pub async fn ").skip(1).map(|case| case.split('(').next());
            for case in cases.flatten() {
                assert!(listed.contains(&case), "{feature}::{case} is not in contract_tests!");
            }
        }
    }
}
