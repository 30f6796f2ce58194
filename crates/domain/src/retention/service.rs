use crate::Rightful;
use crate::Visit;
use crate::audit::{Act, Actor};
use crate::changes::{Changes, Write};
use crate::reason::Outage;
use crate::retention::Past;

/// Forgetting what is over.
#[derive(Clone, Copy)]
pub struct Retention<'a> {
    rightful: &'a Rightful,
}

impl<'a> Retention<'a> {
    pub(crate) const fn new(rightful: &'a Rightful) -> Self {
        Self { rightful }
    }

    /// Forgets what is over for long. A second call in a row finds nothing.
    pub async fn forget_past(self) -> Result<(), Outage> {
        let visit = Visit::internal("retention");
        let event = self.rightful.event(&visit, Actor::System, Act::PastForgotten, None);
        let past = Past::as_of(self.rightful.now(), &self.rightful.policy().sessions);
        self.rightful.commit(Changes::told_by(event).write(Write::ForgetPast(past))).await
    }
}
