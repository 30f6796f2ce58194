use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use rightful_domain::letters::Letter;
use rightful_domain::ports::{MailFailure, Mailer};
use rightful_domain::values::EmailAddress;

use super::locked;

/// Takes every letter and keeps it, unless a test scripted failures.
#[derive(Debug, Default)]
pub struct FakeMailer {
    sent: Mutex<Vec<Letter>>,
    failures: Mutex<VecDeque<MailFailure>>,
}

impl FakeMailer {
    /// The next `times` letters fail like this, after the failures that were scripted before.
    pub fn fail_next(&self, times: usize, failure: MailFailure) {
        locked(&self.failures).extend(std::iter::repeat_n(failure, times));
    }

    /// The letters that were taken, the first first.
    pub fn sent(&self) -> Vec<Letter> {
        locked(&self.sent).clone()
    }

    /// The letters that were taken for the mailbox of this address, however it is spelled.
    pub fn sent_to(&self, address: &EmailAddress) -> Vec<Letter> {
        self.sent().into_iter().filter(|letter| letter.to.key() == address.key()).collect()
    }
}

#[async_trait]
impl Mailer for FakeMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailFailure> {
        if let Some(failure) = locked(&self.failures).pop_front() {
            return Err(failure);
        }
        locked(&self.sent).push(letter.clone());
        Ok(())
    }
}
