//! What a storm of sign-ins leaves behind: nothing. Alone in its process, because it measures the process.

#![cfg(target_os = "linux")]

use std::fs;

use rightful_crypto::blocklist::LeakedPasswords;
use rightful_crypto::hasher::{Argon2Hasher, HashSettings};
use rightful_domain::ports::{Blocklist, PasswordHasher};
use rightful_domain::values::TypedPassword;

/// Resident memory of this process that belongs to nobody else, in MiB: `RssAnon` of proc(5).
fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has it");
    let mut words = status.split_whitespace().skip_while(|word| *word != "RssAnon:").skip(1);
    let kib: u64 = words.next().and_then(|word| word.parse().ok()).expect("a number follows");
    kib / 1024
}

#[tokio::test]
async fn an_idle_server_holds_neither_arenas_nor_a_copy_of_the_list() {
    let idle = resident_mib();
    let list = LeakedPasswords::new();
    assert!(list.contains("password123"));
    let with_list = resident_mib();
    assert!(with_list <= idle + 1, "{with_list} MiB with the list, {idle} without");

    let password = TypedPassword::new("correct horse battery").expect("it is short");
    let settings = HashSettings { threads: Some(1), ..HashSettings::default() };
    // More than once, because an allocator may learn to keep what comes back.
    for round in 0..4 {
        let hasher = Argon2Hasher::new(&settings).expect("the defaults are in bounds");
        let before = resident_mib();
        assert!(before < idle + 8, "round {round}: {before} MiB before any hash, {idle} at first");
        hasher.hash(&password).await.expect("nothing else is hashed");
        let during = resident_mib();
        assert!(during >= before + 18, "round {round}: the arena is not where we think");
        assert!(during < before + 26, "round {round}: {during} MiB for one arena of 19");
        drop(hasher);
        let after = resident_mib();
        assert!(after < idle + 8, "round {round}: {after} MiB stay, {idle} at first");
    }
}
