//! Guards by name, so that an exploration can take each one out and see a property break.
//!
//! In every build but this crate's own tests, `guard!(Name, condition)` *is* the condition: the name is
//! gone before code is generated. See `exploration/`.

/// `guard!(Name, condition)`: a condition that must hold to go on; taken out, everything goes on.
/// `guard!(Name)`: a protective step that is always taken; taken out, it is not.
macro_rules! guard {
    ($name:ident, $condition:expr) => {{
        #[cfg(test)]
        {
            $crate::guards::Guard::$name.is_removed() || $condition
        }
        #[cfg(not(test))]
        {
            $condition
        }
    }};
    ($name:ident) => {{
        #[cfg(test)]
        {
            !$crate::guards::Guard::$name.is_removed()
        }
        #[cfg(not(test))]
        {
            true
        }
    }};
}
pub(crate) use guard;

#[cfg(test)]
macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Every guard of the slice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Guard {
            $($(#[$doc])* $name,)*
        }
        impl Guard {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

#[cfg(test)]
guards! {
    MailboxProvedBeforeChange,
    RestartOnlyUnverified,
    ProverSetsPassword,
    ProofForgetsReplaced,
    ProofAdvancesEpoch,
    PasswordAdvancesEpoch,
    UnprovedEpochStays,
    MoveAdvancesEpoch,
    ReplacedRemembered,
    ResetRemembers,
    ResetAdvancesEpoch,
    MailboxSetForgotten,
    DescentStays,
    RestoreIsByMailbox,
    DisputeFreezes,
    FreezeAdvancesEpoch,
    LinkPurpose,
    LinkUnused,
    LinkUnexpired,
    LinkEpoch,
    SessionEpoch,
    SessionLimits,
    SessionNotEnded,
    FreshProof,
    FrozenRefuses,
    ChangePending,
    ChangeIsOfLink,
    ChangeEpoch,
    TargetFree,
    DisputeProof,
    DisputeOnce,
    DisputeOfWhatIs,
    WindowHoldsChange,
    ConfirmerIsOwner,
    OldMailboxAgrees,
    CommitVersion,
}

#[cfg(test)]
pub(crate) mod removal {
    use super::Guard;
    use std::cell::Cell;

    thread_local! {
        static REMOVED: Cell<u64> = const { Cell::new(0) };
    }

    impl Guard {
        pub(crate) fn is_removed(self) -> bool {
            REMOVED.get() & (1 << self as u64) != 0
        }
    }

    /// Runs `work` on this thread with `guards` taken out.
    pub(crate) fn without<T>(guards: &[Guard], work: impl FnOnce() -> T) -> T {
        REMOVED.set(guards.iter().fold(0, |mask, guard| mask | 1 << *guard as u64));
        let done = work();
        REMOVED.set(0);
        done
    }
}
