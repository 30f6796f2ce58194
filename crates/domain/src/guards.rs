//! Guards by name, so that an exploration can take each one out and see a property break.
//!
//! In every build but this crate's own tests, `guard!(Name, condition)` *is* the condition: the name is
//! gone before code is generated. See `exploration/`.

/// A condition that protects somebody, under a name from [`Guard`].
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
}
pub(crate) use guard;

#[cfg(test)]
macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Every guard of the slice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    MoveAdvancesEpoch,
    OldestPasswordRemembered,
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
    FrozenRefusesChange,
    ChangePending,
    ChangeIsOfLink,
    TargetFree,
    DisputeProof,
    WindowHoldsChange,
    ConfirmerIsOwner,
}

#[cfg(test)]
pub(crate) mod removal {
    use super::Guard;
    use std::cell::Cell;

    thread_local! {
        static REMOVED: Cell<Option<Guard>> = const { Cell::new(None) };
    }

    impl Guard {
        pub(crate) fn is_removed(self) -> bool {
            REMOVED.get() == Some(self)
        }
    }

    /// Runs `work` on this thread with `guard` taken out.
    pub(crate) fn without<T>(guard: Guard, work: impl FnOnce() -> T) -> T {
        REMOVED.set(Some(guard));
        let done = work();
        REMOVED.set(None);
        done
    }
}
