//! Accounts: one for a key, decided on the version that is stored, and gone with all that hangs on them.

use rightful_domain::accounts::{
    Account, Freeze, Origin, PasswordSetBy, ReplacedPassword, SecurityEpoch, Standing, Version,
};
use rightful_domain::changes::Write;
use rightful_domain::links::LinkPurpose;
use rightful_domain::ports::Unique;
use rightful_domain::values::{Locale, PersonName, Timestamp};

use super::{Adapters, assert_stale, assert_taken, is_stale, is_taken, race};
use crate::builders::{
    Edit, NOW, account, changes, email, email_change, event_about, hash, id, letter, link, secret,
    session, verified,
};

/// The account as it is stored now.
async fn stored(adapters: &Adapters, account: &Account) -> Account {
    adapters.accounts.find(account.id()).await.expect("reads").expect("the account is there")
}

/// The same account at the version after.
fn next(account: &Account) -> Account {
    account.clone().edit(|record| record.version = record.version.next())
}

/// Every variant, every script, fields that are absent, and the ends of time.
pub async fn every_field_of_an_account_reads_back(adapters: Adapters) {
    let names =
        ["Zoë", "Nguyễn Thị Minh Khai", "李雷", "أحمد", "👩‍🚀 Ada", "O’Brien; DROP TABLE \"x\" --"];
    let mut accounts = vec![account(1), verified(2)];
    for (n, name) in (10..).zip(names) {
        let name = PersonName::parse(name).expect("a name");
        accounts.push(verified(n).edit(|record| record.name = Some(name)));
    }
    for (n, origin) in (20..).zip([Origin::Direct, Origin::Checkout, Origin::PostCheckout]) {
        accounts.push(account(n).edit(|record| record.origin = origin));
    }
    for (n, locale) in (30..).zip(Locale::ALL) {
        accounts.push(account(n).edit(|record| record.locale = locale));
    }
    for (n, millis) in (40..).zip([0, -1, 1, i64::MIN, i64::MAX]) {
        let at = Timestamp::from_millis(millis);
        accounts.push(account(n).edit(|record| {
            record.name = None;
            record.standing = Standing::Verified { at };
            record.password_set_at = at;
            record.created_at = at;
            record.second_factor_at = Some(at);
            record.freeze = Some(Freeze { since: at, until: at });
            record.epoch = SecurityEpoch::from_stored(i64::MAX);
            record.replaced_passwords = ["before", "then", "ß'\""]
                .map(|text| ReplacedPassword {
                    hash: hash(text),
                    at,
                    set_by: PasswordSetBy::ALL[text.len() % 2],
                })
                .to_vec();
            record.password_set_by = PasswordSetBy::Mailbox;
            record.recovered_at = Some(at);
            record.security_checked_at = Some(at);
        }));
    }
    accounts.push(account(50).edit(|record| {
        record.email = email("Jörg.Müller+Laden@bücher.example");
        record.password = hash(&"ß".repeat(500));
        record.name = Some(PersonName::parse(&"👩".repeat(100)).expect("a name"));
    }));
    for wanted in accounts {
        adapters.write([Write::InsertAccount(wanted.clone())]).await;
        assert_eq!(stored(&adapters, &wanted).await, wanted);
        // And once more as an update writes it.
        adapters.write([Write::UpdateAccount(wanted.clone())]).await;
        assert_eq!(stored(&adapters, &wanted).await, next(&wanted));
        let by_email = adapters.accounts.find_by_email(wanted.email().key()).await.expect("reads");
        assert_eq!(by_email, Some(next(&wanted)));
    }
}

/// By neither door.
pub async fn an_account_that_is_not_there_is_none(adapters: Adapters) {
    adapters.write([Write::InsertAccount(account(1))]).await;
    assert_eq!(adapters.accounts.find(id(2)).await.expect("reads"), None);
    let stranger = email("customer2@example.com");
    assert_eq!(adapters.accounts.find_by_email(stranger.key()).await.expect("reads"), None);
}

/// case and width do not make another mailbox. The address itself is kept as typed.
pub async fn an_account_is_found_by_its_key_however_it_is_spelled(adapters: Adapters) {
    let mine = account(1).edit(|record| record.email = email("Ada.Lovelace@Example.COM"));
    adapters.write([Write::InsertAccount(mine.clone())]).await;
    for spelling in ["ada.lovelace@example.com", "ADA.LOVELACE@EXAMPLE.COM"] {
        let found = adapters.accounts.find_by_email(email(spelling).key()).await.expect("reads");
        assert_eq!(found, Some(mine.clone()), "{spelling}");
        assert_eq!(
            found.map(|a| a.email().as_str().to_owned()),
            Some(mine.email().as_str().to_owned())
        );
    }
}

/// The version is the adapter's to count.
pub async fn an_update_moves_the_version_on_by_one(adapters: Adapters) {
    let mut mine = verified(1);
    adapters.write([Write::InsertAccount(mine.clone())]).await;
    for version in 2..6 {
        adapters.write([Write::UpdateAccount(mine.clone().speak(Locale::Fr))]).await;
        mine = stored(&adapters, &mine).await;
        assert_eq!(mine.version(), Version::from_stored(version));
    }
}

/// Neither an older version nor one that is not there yet.
pub async fn an_update_decided_on_another_version_is_stale(adapters: Adapters) {
    let first = verified(1);
    adapters.write([Write::InsertAccount(first.clone())]).await;
    adapters.write([Write::UpdateAccount(first.clone().speak(Locale::Fr))]).await;
    let audited = adapters.audited().await;
    let now = stored(&adapters, &first).await;
    for wrong in [0, 1, 3, i64::MAX - 1] {
        let decided = first.clone().edit(|record| {
            record.version = Version::from_stored(wrong);
            record.name = None;
        });
        let changes = changes([Write::UpdateAccount(decided)]).post(letter(1));
        assert_stale(&adapters.commit(changes).await);
    }
    assert_eq!(stored(&adapters, &first).await, now);
    assert_eq!(adapters.audited().await, audited);
    assert_eq!(adapters.letters.queue_state().await.expect("reads").waiting, 0);
}

/// It gave way in the meantime: the service reads again and finds nobody.
pub async fn an_update_of_an_account_that_is_gone_is_stale(adapters: Adapters) {
    let mine = account(1);
    assert_stale(&adapters.try_write([Write::UpdateAccount(mine.clone())]).await);
    adapters.write([Write::InsertAccount(mine.clone())]).await;
    adapters.write([Write::RemoveAccount(mine.clone())]).await;
    assert_stale(&adapters.try_write([Write::UpdateAccount(mine)]).await);
}

/// R-006, by insert and by update, whatever the spelling.
pub async fn a_second_account_with_one_key_is_refused(adapters: Adapters) {
    let (first, second) = (account(1), verified(2));
    adapters.write([Write::InsertAccount(first.clone())]).await;
    for spelling in ["customer1@example.com", "CUSTOMER1@example.com"] {
        let twin = account(3).edit(|record| record.email = email(spelling));
        let result = adapters.try_write([Write::InsertAccount(twin)]).await;
        assert_taken(&result, Unique::EmailKey);
    }
    adapters.write([Write::InsertAccount(second.clone())]).await;
    let moved = second.clone().move_to(email("Customer1@example.com"), NOW);
    assert_taken(&adapters.try_write([Write::UpdateAccount(moved)]).await, Unique::EmailKey);
    assert_eq!(adapters.accounts.find(id(3)).await.expect("reads"), None);
    assert_eq!(stored(&adapters, &second).await, second);
}

/// Ids are minted; one that comes twice is a fault, and not told as a taken address.
pub async fn an_id_is_given_to_one_account(adapters: Adapters) {
    adapters.write([Write::InsertAccount(account(1))]).await;
    let other = account(1).edit(|record| record.email = email("other@example.com"));
    let result = adapters.try_write([Write::InsertAccount(other)]).await;
    assert_taken(&result, Unique::Other);
    assert_eq!(stored(&adapters, &account(1)).await, account(1));
}

/// MN-16: one account, one audit entry, one letter; the others are told why.
pub async fn of_thirty_two_registrations_of_one_address_one_wins(adapters: Adapters) {
    let found = race(32, |runner| {
        let adapters = adapters.clone();
        let n = runner as u64 + 1;
        async move {
            let mine = account(n).edit(|record| record.email = email("ada@example.com"));
            let told = event_about(&mine);
            let changes = changes([Write::InsertAccount(mine)]).also_told_by(told).post(letter(n));
            adapters.commit(changes).await
        }
    })
    .await;
    assert_eq!(found.iter().filter(|result| result.is_ok()).count(), 1, "{found:?}");
    assert_eq!(found.iter().filter(|r| is_taken(r, Unique::EmailKey)).count(), 31, "{found:?}");
    let winner = found.iter().position(Result::is_ok).expect("one won") as u64 + 1;
    let holder = adapters.accounts.find_by_email(email("ada@example.com").key()).await;
    assert_eq!(holder.expect("reads").map(|account| account.id()), Some(id(winner)));
    assert_eq!(adapters.audited().await, 2);
    assert_eq!(adapters.letters.queue_state().await.expect("reads").waiting, 1);
}

/// a pending change reserves nothing, so two may be confirmed at once.
pub async fn of_two_moves_to_one_address_one_wins(adapters: Adapters) {
    for round in 0..8_u64 {
        let movers = [verified(round * 2 + 1), verified(round * 2 + 2)];
        adapters.write(movers.clone().map(Write::InsertAccount)).await;
        let target = format!("target{round}@example.com");
        let found = race(2, |runner| {
            let adapters = adapters.clone();
            let moved = movers[runner].clone().move_to(email(&target), NOW);
            async move { adapters.try_write([Write::UpdateAccount(moved)]).await }
        })
        .await;
        assert_eq!(found.iter().filter(|result| result.is_ok()).count(), 1, "{found:?}");
        assert_eq!(found.iter().filter(|r| is_taken(r, Unique::EmailKey)).count(), 1, "{found:?}");
        let winner = found.iter().position(Result::is_ok).expect("one won");
        assert_eq!(stored(&adapters, &movers[winner]).await.email(), &email(&target));
        assert_eq!(stored(&adapters, &movers[1 - winner]).await, movers[1 - winner]);
    }
}

/// Writes happen in their order: who leaves an address makes room for the next write.
pub async fn an_address_that_was_left_is_free_in_the_same_commit(adapters: Adapters) {
    let (squatter, owner) = (account(1), verified(2));
    adapters.write([squatter.clone(), owner.clone()].map(Write::InsertAccount)).await;
    let moved = owner.clone().move_to(squatter.email().clone(), NOW);
    adapters.write([Write::RemoveAccount(squatter.clone()), Write::UpdateAccount(moved)]).await;
    let holder = adapters.accounts.find_by_email(squatter.email().key()).await.expect("reads");
    assert_eq!(holder.map(|account| account.id()), Some(owner.id()));
    // The address that the owner left is anybody's, as far as accounts go.
    let next = account(3).edit(|record| record.email = owner.email().clone());
    adapters.write([Write::InsertAccount(next)]).await;
}

/// The version decides, not the order of arrival.
pub async fn of_thirty_two_updates_of_one_version_one_wins(adapters: Adapters) {
    let mine = verified(1);
    adapters.write([Write::InsertAccount(mine.clone())]).await;
    let audited = adapters.audited().await;
    let found = race(32, |runner| {
        let (adapters, mine) = (adapters.clone(), mine.clone());
        let name = PersonName::parse(&format!("Runner {runner}")).expect("a name");
        async move { adapters.try_write([Write::UpdateAccount(mine.rename(Some(name)))]).await }
    })
    .await;
    let winners: Vec<_> = (0..32).filter(|runner| found[*runner].is_ok()).collect();
    assert_eq!(winners.len(), 1, "{found:?}");
    assert_eq!(found.iter().filter(|result| is_stale(result)).count(), 31, "{found:?}");
    let now = stored(&adapters, &mine).await;
    let name = now.record().name.as_ref().map(|name| name.as_str().to_owned());
    assert_eq!(name, Some(format!("Runner {}", winners[0])));
    assert_eq!(now.version(), Version::from_stored(2));
    assert_eq!(adapters.audited().await, audited + 1);
}

/// MN-7: the mailbox's owner displaces whoever only typed the address. Nothing of it can be used after.
pub async fn an_unverified_account_gives_way_with_all_that_hangs_on_it(adapters: Adapters) {
    let (squatter, other) = (account(1), account(2));
    for (n, owner) in [(1, &squatter), (2, &other)] {
        let change = email_change(owner, "new@example.com", n);
        let of_change = link(owner, LinkPurpose::ConfirmEmailChange, n + 10)
            .edit(|record| record.email_change = Some(change.id()));
        adapters
            .write([
                Write::InsertAccount(owner.clone()),
                Write::InsertSession(session(owner, n)),
                Write::InsertEmailChange(change),
                Write::InsertLink(link(owner, LinkPurpose::VerifyAddress, n)),
                Write::InsertLink(of_change),
            ])
            .await;
    }
    adapters.write([Write::RemoveAccount(squatter.clone())]).await;
    for (n, there) in [(1, false), (2, true)] {
        assert_eq!(adapters.accounts.find(id(n)).await.expect("reads").is_some(), there);
        assert_eq!(adapters.sessions.find(&secret(n)).await.expect("reads").is_some(), there);
        assert_eq!(adapters.sessions.list(id(n)).await.expect("reads").len(), usize::from(there));
        for link in [n, n + 10] {
            assert_eq!(adapters.links.find(&secret(link)).await.expect("reads").is_some(), there);
        }
        assert_eq!(adapters.email_changes.find(id(n)).await.expect("reads").is_some(), there);
        let unfinished = adapters.email_changes.find_unfinished(id(n)).await.expect("reads");
        assert_eq!(unfinished.is_some(), there);
    }
    let address = adapters.accounts.find_by_email(squatter.email().key()).await.expect("reads");
    assert_eq!(address, None);
    // Twice is once too often: it was decided on an account that is gone.
    assert_stale(&adapters.try_write([Write::RemoveAccount(squatter)]).await);
}

/// Whatever the caller believes of it.
pub async fn a_verified_account_never_gives_way(adapters: Adapters) {
    let proved = verified(1);
    adapters.write([Write::InsertAccount(proved.clone())]).await;
    let believed = proved.clone().edit(|record| record.standing = Standing::Unverified);
    for decided in [proved.clone(), believed] {
        assert_stale(&adapters.try_write([Write::RemoveAccount(decided)]).await);
    }
    assert_eq!(stored(&adapters, &proved).await, proved);
}

/// It was restarted or proved meanwhile.
pub async fn an_account_of_another_version_does_not_give_way(adapters: Adapters) {
    let first = account(1);
    adapters.write([Write::InsertAccount(first.clone())]).await;
    adapters.write([Write::UpdateAccount(first.clone().speak(Locale::Fr))]).await;
    assert_stale(&adapters.try_write([Write::RemoveAccount(first.clone())]).await);
    let now = stored(&adapters, &first).await;
    adapters.write([Write::RemoveAccount(now)]).await;
    assert_eq!(adapters.accounts.find(first.id()).await.expect("reads"), None);
}
