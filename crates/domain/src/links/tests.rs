use super::*;
use crate::accounts::{Account, SecurityEpoch};
use crate::tests_support::{Edit, MS, NOW, ada, counting_entropy, id, link, verified};
use crate::values::{SecretText, Span};
use LinkPurpose::{ConfirmEmailChange, DisputeEmailChange, VerifyAddress};
use LinkRefusal::{Expired, Superseded, Unknown, Used};

/// An open link, and the other states that one can be in at [`NOW`].
fn states(purpose: LinkPurpose, account: &Account) -> [(&'static str, Link); 10] {
    let open = link(purpose, account, 1);
    let ends = |at| open.clone().edit(|record| record.expires_at = at);
    let used = |link: Link| link.edit(|record| record.redeemed_at = Some(NOW - MS));
    let earlier = |link: Link| link.edit(|record| record.epoch = SecurityEpoch::UNPROVED);
    [
        ("open", open.clone()),
        ("ends in a millisecond", ends(NOW + MS)),
        ("ends now", ends(NOW)),
        ("ended a millisecond ago", ends(NOW - MS)),
        ("used", used(open.clone())),
        ("used and expired", used(ends(NOW))),
        ("of an earlier epoch", earlier(open.clone())),
        ("of an earlier epoch, and used", used(earlier(open.clone()))),
        ("of an earlier epoch, and expired", earlier(ends(NOW))),
        ("of another account", open.clone().edit(|record| record.account = id(99))),
    ]
}

/// R-050, MN-19, MN-44, MN-45: every state of a link against every purpose that it is presented for.
#[test]
fn asvs_v6_4_1_a_link_opens_only_what_it_was_issued_for_in_time_and_once() {
    let account = ada();
    let dies_with_epoch = [
        Ok(()),
        Ok(()),
        Err(Expired),
        Err(Expired),
        Err(Used),
        Err(Used),
        Err(Superseded),
        Err(Used),
        Err(Expired),
        Err(Unknown),
    ];
    // Decision 2: the dispute link outlives the change that it disputes.
    let mut outlives_epoch = dies_with_epoch;
    outlives_epoch[6] = Ok(());
    for purpose in LinkPurpose::ALL {
        let row = if purpose == DisputeEmailChange { outlives_epoch } else { dies_with_epoch };
        for ((state, link), wanted) in states(purpose, &account).into_iter().zip(row) {
            for presented in LinkPurpose::ALL {
                let wanted = if presented == purpose { wanted } else { Err(Unknown) };
                let found = link.check(presented, &account, NOW);
                assert_eq!(found, wanted, "a {purpose:?} link, {state}, for {presented:?}");
            }
        }
    }
}

#[test]
fn mn_49_a_used_link_stays_used_when_the_clock_steps_back() {
    let account = ada();
    let used = link(VerifyAddress, &account, 1).edit(|record| record.redeemed_at = Some(NOW));
    let issued = used.record().issued_at;
    for now in [NOW - MS, issued, issued - Span::days(365)] {
        assert_eq!(used.check(VerifyAddress, &account, now), Err(Used));
    }
}

/// CS-50 to CS-52, R-050: the prefix and the life of each purpose; what is stored is the hash.
#[test]
fn an_issued_link_is_bound_to_purpose_account_epoch_and_end() {
    let account = verified("ada@example.org");
    let entropy = counting_entropy();
    for (purpose, prefix, life, change) in [
        (VerifyAddress, "vfy_", Span::hours(48), None),
        (ConfirmEmailChange, "chg_", Span::hours(48), Some(id(5))),
        (DisputeEmailChange, "dsp_", Span::days(7), Some(id(5))),
    ] {
        let (link, secret) = Link::issue(purpose, &account, change, &entropy, NOW);
        assert!(secret.expose().starts_with(prefix));
        assert_eq!(
            link.record(),
            &LinkRecord {
                id: link.record().id,
                secret: secret.hash(),
                purpose,
                account: account.id(),
                email_change: change,
                epoch: account.epoch(),
                issued_at: NOW,
                expires_at: NOW + life,
                redeemed_at: None,
            }
        );
        assert_eq!(link.check(purpose, &account, NOW + life - MS), Ok(()));
        assert_eq!(link.check(purpose, &account, NOW + life), Err(Expired));
    }
}

#[test]
fn mn_45_the_secrets_of_different_purposes_are_of_different_forms() {
    let entropy = counting_entropy();
    for issued in LinkPurpose::ALL {
        let secret = SecretText::issue(issued.prefix(), &entropy);
        for presented in LinkPurpose::ALL {
            let taken = SecretText::present(presented.prefix(), secret.expose());
            assert_eq!(taken.is_some(), issued == presented, "{issued:?} for {presented:?}");
        }
    }
}
