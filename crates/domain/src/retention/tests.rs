use super::Past;
use crate::sessions::SessionPolicy;
use crate::values::{Span, Timestamp};

#[test]
fn nothing_is_forgotten_while_it_can_still_matter() {
    let now = Timestamp::from_millis(1_800_000_000_000);
    let policy = SessionPolicy::default();
    let past = Past::as_of(now, &policy);
    assert!(past.sessions < now - policy.absolute, "a session that may be alive");
    assert!(past.email_changes < now - Span::days(7), "a change that may be disputed");
    assert!(past.links_and_letters < now - Span::days(7), "a link that may be opened");
    assert_eq!(past.released_contacts, now - Span::days(30), "R-052: exactly the rest");
    assert!(past.unproved_accounts < now - Span::hours(48), "a claim that may be proved");
}
