//! Codes of authenticator apps, by totp-rs.

use rightful_domain::one_time_codes::{Step, TotpKey};
use rightful_domain::ports::OneTimeCodes;
use totp_rs::{Algorithm, Builder, Totp};

/// RFC 6238 with what every app takes for granted: SHA-1, six digits, thirty seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct TotpCodes;

impl OneTimeCodes for TotpCodes {
    fn code(&self, key: &TotpKey, step: Step) -> String {
        // The clock is not asked for times before 1970.
        let seconds = u64::try_from(step.number()).unwrap_or_default() * 30;
        totp(key, None, "").generate(seconds).to_string()
    }

    fn uri(&self, key: &TotpKey, issuer: &str, label: &str) -> String {
        // A colon divides issuer and label: it can stand in neither, and a label cannot be empty.
        let plain = |text: &str| text.replace(':', " ").trim().to_owned();
        let label = match plain(label) {
            label if label.is_empty() => String::from("account"),
            label => label,
        };
        totp(key, Some(plain(issuer)), &label)
            .to_url()
            .expect("a label without a colon can be written")
    }
}

fn totp(key: &TotpKey, issuer: Option<String>, label: &str) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(key.as_bytes().to_vec())
        .with_issuer(issuer)
        .with_account_name(label)
        .build_noncompliant()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TotpKey {
        TotpKey::from_bytes(*b"12345678901234567890")
    }

    #[test]
    fn asvs_v11_1_1_codes_are_those_of_rfc_4226_appendix_d() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(TotpCodes.code(&key(), Step::from_stored(step)), code, "step {step}");
        }
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b_cut_to_six_digits() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(TotpCodes.code(&key(), Step::from_stored(seconds / 30)), code, "{seconds}");
        }
    }

    #[test]
    fn an_app_reads_whose_code_it_is() {
        let uri = TotpCodes.uri(&key(), "Maison Lune: Paris", "ada@maison-lune.example");
        assert!(uri.starts_with("otpauth://totp/"), "{uri}");
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{uri}");
        assert!(
            uri.contains("ada%40maison%2Dlune%2Eexample")
                || uri.contains("ada%40maison-lune.example"),
            "{uri}"
        );
        assert!(uri.contains("issuer=Maison%20Lune%20%20Paris"), "{uri}");
    }

    #[test]
    fn even_an_odd_label_can_be_written() {
        for label in ["", ":", "a:b:c", "\u{1f511} & = ?#/", "\"quoted: one\"@example.org"] {
            assert!(TotpCodes.uri(&key(), label, label).starts_with("otpauth://totp/"), "{label}");
        }
    }
}
