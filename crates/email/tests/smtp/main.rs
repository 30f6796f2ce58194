//! Letters through a real mail server, `tests/smtp_peer.py`: what arrives, and what each refusal is taken for.

#[cfg(test)]
mod peer;
#[cfg(test)]
mod tests;
