use rightful_domain::one_time_codes::{Step, TotpKey};
use rightful_domain::ports::OneTimeCodes;

/// Codes that anybody can tell from key and step: the same for the same, others for others.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainCodes;

impl OneTimeCodes for PlainCodes {
    fn code(&self, key: &TotpKey, step: Step) -> String {
        let mixed = key.as_bytes().iter().fold(step.number(), |mixed, byte| {
            mixed.wrapping_mul(31).wrapping_add(i64::from(*byte))
        });
        format!("{:06}", mixed.rem_euclid(1_000_000))
    }

    fn uri(&self, key: &TotpKey, issuer: &str, label: &str) -> String {
        format!("otpauth://totp/{issuer}:{label}?secret={}", key.base32())
    }
}
