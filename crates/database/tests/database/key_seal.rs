//! What a deployment sealed under its data key.

use std::collections::BTreeSet;

use rightful_domain::values::Sealed;

use crate::fresh;

fn sealed(n: u8) -> Sealed {
    Sealed::from_bytes(vec![n; 40])
}

#[tokio::test]
async fn the_first_seal_is_kept_until_it_is_replaced() {
    for fresh in fresh::each().await {
        assert_eq!(fresh.db.keep_key_seal(&sealed(1)).await.unwrap(), sealed(1));
        assert_eq!(fresh.db.keep_key_seal(&sealed(2)).await.unwrap(), sealed(1));
        fresh.db.replace_key_seal(&sealed(3)).await.unwrap();
        assert_eq!(fresh.db.keep_key_seal(&sealed(4)).await.unwrap(), sealed(3));
    }
}

/// Of several processes that start on a new database, one decides.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_thirty_two_first_seals_one_is_kept() {
    for fresh in fresh::each().await {
        let starts = (0..32).map(|n| {
            let db = fresh.db.clone();
            tokio::spawn(async move { db.keep_key_seal(&sealed(n)).await.unwrap() })
        });
        let mut kept = BTreeSet::new();
        for start in starts.collect::<Vec<_>>() {
            kept.insert(start.await.unwrap().as_bytes().to_vec());
        }
        assert_eq!(kept.len(), 1);
    }
}
