use rightful_domain::accounts::Account;
use rightful_domain::contacts::ContactSource;
use rightful_domain::email_change::ChangeState;
use rightful_domain::retention::Past;
use rightful_domain::second_factors::FactorState;
use rightful_domain::values::AccountId;

use super::Records;
use crate::builders::Edit;

impl Records {
    pub(super) fn forget_past(&mut self, past: Past) {
        self.sessions.retain(|_, session| {
            let record = session.record();
            record.last_used_at >= past.sessions
                || record.ended.is_some_and(|ended| ended.at >= past.sessions)
        });
        let over = past.devices_and_enrolments;
        self.trusted_devices.retain(|_, device| device.trusted_until() >= over);
        self.factors.retain(|_, factor| match factor.record().state {
            FactorState::Begun { until } => until >= over,
            FactorState::Bound { .. } | FactorState::Ended { .. } => true,
        });
        self.links.retain(|_, link| link.record().expires_at >= past.links_and_letters);
        self.forget_ended_letters(past.links_and_letters);
        self.email_changes.retain(|_, change| {
            let record = change.record();
            let confirmed = match record.state {
                ChangeState::Confirmed { at } => at,
                _ => record.requested_at,
            };
            record.deadline.max(confirmed) >= past.email_changes
        });
        self.contacts.retain(|_, contact| match contact.record().source {
            ContactSource::Released { at, .. } => at >= past.released_contacts,
            _ => true,
        });
        for account in self.accounts.values_mut() {
            let last = account.record().replaced_passwords.last();
            if last.is_some_and(|old| old.at < past.replaced_passwords) {
                *account = account.clone().edit(|record| record.replaced_passwords.clear());
            }
        }
        let unproved: Vec<AccountId> = self
            .accounts
            .values()
            .filter(|account| {
                !account.is_verified()
                    && account.record().password_set_at < past.unproved_accounts
                    && !self.links.values().any(|link| {
                        let link = link.record();
                        link.account == account.id() && link.issued_at >= past.unproved_accounts
                    })
            })
            .map(Account::id)
            .collect();
        for account in unproved {
            self.forget_account(account);
        }
    }
}
