//! What the configuration decides for the domain.

use rightful_domain::policy::Policy;

use super::Config;

impl Config {
    /// The policy of the use cases.
    pub fn policy(&self) -> Policy {
        let Self { accounts, sessions, limits, .. } = self;
        let mut policy = Policy::default();
        policy.accounts_enabled = accounts.enabled;
        policy.passwords = accounts.min_password_length;
        policy.welcome = accounts.welcome;
        policy.disclosure = accounts.disclosure;
        policy.old_mailbox = accounts.old_mailbox;
        policy.tell_unknown = accounts.tell_unknown;
        policy.sessions.absolute = sessions.absolute;
        policy.sessions.idle = sessions.idle;
        policy.limits.sign_in_pair = limits.sign_in_pair.0;
        policy.limits.sign_in_address = limits.sign_in_address.0;
        policy.limits.sign_in_source = limits.sign_in_source.0;
        policy.limits.letters_address = limits.letters_address.0;
        policy.limits.letters_source = limits.letters_source.0;
        policy.limits.password_resets = limits.password_resets.0;
        policy.limits.account_reminders = limits.account_reminders.0;
        policy.limits.email_changes = limits.email_changes.0;
        policy.limits.profile_changes = limits.profile_changes.0;
        policy.limits.password_changes = limits.password_changes.0;
        policy.limits.sessions_ended = limits.sessions_ended.0;
        policy.limits.new_sign_in_source = limits.new_sign_in_source.0;
        policy.limits.second_factor = limits.second_factor.0;
        policy.limits.factor_enrolments = limits.factor_enrolments.0;
        policy.limits.second_step_failed = limits.second_step_failed.0;
        policy.limits.links_source = limits.links_source.0;
        policy
    }
}
