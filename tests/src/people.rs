//! Who asks.

use rightful_testkit::client::{Answer, Ask, Client};
use serde_json::{Value, json};

/// The password of every customer of a journey.
pub const PASSWORD: &str = "correct horse battery staple";
/// Another one.
pub const NEW_PASSWORD: &str = "four other words entirely";

/// Somebody with a browser or a program, from a network of their own.
#[derive(Clone, Debug)]
pub struct Visitor {
    client: Client,
}

/// Somebody with an account.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Customer {
    pub email: String,
    pub password: String,
    pub visitor: Visitor,
}

/// A session whose secret travels as a bearer token.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is what its name says")]
pub struct Session {
    pub token: String,
    pub id: String,
    pub account: String,
    pub device_token: String,
    pub visitor: Visitor,
}

impl Visitor {
    pub(crate) const fn new(client: Client) -> Self {
        Self { client }
    }

    /// The same, sending this header with every request.
    pub fn with(&self, name: &str, value: &str) -> Self {
        Self { client: self.client.clone().with(name, value) }
    }

    /// A request with this method.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        self.client.ask(method, path)
    }

    /// A GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.client.get(path).send().await
    }

    /// A POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.post(path, body).send().await
    }

    /// Registers.
    pub async fn register(&self, email: &str, password: &str) -> Answer {
        let body = json!({"email": email, "password": password});
        self.post("/v1/registrations", &body).await
    }

    /// Proves a mailbox.
    pub async fn verify(&self, token: &str, password: &str) -> Answer {
        let body = json!({"token": token, "password": password});
        self.post("/v1/verifications", &body).await
    }

    /// Asks for the verification letter again, signed out.
    pub async fn resend_verification(&self, email: &str) -> Answer {
        self.post("/v1/verifications/resend", &json!({"email": email})).await
    }

    /// Asks for a new password.
    pub async fn forget_password(&self, email: &str) -> Answer {
        self.post("/v1/password-resets", &json!({"email": email})).await
    }

    /// Sets a new password with a link.
    pub async fn reset_password(&self, token: &str, password: &str) -> Answer {
        let body = json!({"token": token, "password": password});
        self.post("/v1/password-resets/complete", &body).await
    }

    /// Asks whether an address has an account.
    pub async fn forget_address(&self, email: &str) -> Answer {
        self.post("/v1/account-reminders", &json!({"email": email})).await
    }

    /// Tries to sign in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        let body = json!({"email": email, "password": password});
        self.post("/v1/sessions", &body).await
    }

    /// Tries to take the second step of a sign-in.
    pub async fn second_step(&self, token: &str, code: &str) -> Answer {
        self.post("/v1/sessions/second-step", &json!({"token": token, "code": code})).await
    }

    /// Confirms a change of address, with a password if there is one.
    pub async fn confirm(&self, token: &str, password: Option<&str>) -> Answer {
        self.post("/v1/email-changes/confirm", &confirmation(token, password)).await
    }

    /// The old mailbox agrees to a change.
    pub async fn approve(&self, token: &str) -> Answer {
        self.post("/v1/email-changes/approve", &json!({"token": token})).await
    }

    /// "This was not me."
    pub async fn dispute(&self, token: &str) -> Answer {
        self.post("/v1/email-changes/dispute", &json!({"token": token})).await
    }

    /// "This was not me", proved.
    pub async fn restore(&self, token: &str, password: &str, new_password: &str) -> Answer {
        let body = json!({"token": token, "password": password, "new_password": new_password});
        self.post("/v1/email-changes/dispute", &body).await
    }
}

impl Customer {
    pub(crate) fn new(email: &str, visitor: Visitor) -> Self {
        Self { email: email.to_owned(), password: PASSWORD.to_owned(), visitor }
    }

    /// Signs in with a program, from where they are.
    pub async fn sign_in(&self) -> Session {
        self.sign_in_at(&self.visitor).await
    }

    /// Signs in with a program, from elsewhere.
    pub async fn sign_in_at(&self, visitor: &Visitor) -> Session {
        let answer = visitor.sign_in(&self.email, &self.password).await;
        Session::started(&answer, visitor)
    }

    /// Takes the first step, and gives what the second is taken with.
    pub async fn first_step_at(&self, visitor: &Visitor) -> String {
        let answer = visitor.sign_in(&self.email, &self.password).await.expect(202);
        answer.str("/second_step/token")
    }
}

impl Session {
    /// As an answer tells it.
    pub fn started(answer: &Answer, visitor: &Visitor) -> Self {
        let answer = answer.clone().expect(201);
        Self {
            token: answer.str("/token"),
            id: answer.str("/session/id"),
            account: answer.str("/account/id"),
            device_token: answer.str("/device_token"),
            visitor: visitor.clone(),
        }
    }

    /// Proves a second factor and goes on with the new secret.
    pub async fn prove_factor(&mut self, code: &str) {
        let body = json!({"code": code});
        let answer = self.post("/v1/session/reauthentication", &body).await.expect(200);
        self.token = answer.str("/token");
    }

    /// A request in this session.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        self.visitor.ask(method, path).bearer(&self.token)
    }

    /// A GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send().await
    }

    /// A POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path).json(body).send().await
    }

    /// A POST of nothing.
    pub async fn poke(&self, path: &str) -> Answer {
        self.ask("POST", path).send().await
    }

    /// A DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path).send().await
    }

    /// Whether it still opens anything.
    ///
    /// # Panics
    ///
    /// When the answer is neither yes nor no.
    pub async fn is_alive(&self) -> bool {
        let answer = self.get("/v1/session").await;
        match answer.status {
            200 => true,
            401 => false,
            _ => panic!("neither alive nor dead: {answer}"),
        }
    }

    /// Proves the password again and goes on with the new secret.
    pub async fn prove_again(&mut self, password: &str) {
        let body = json!({"password": password});
        let answer = self.post("/v1/session/reauthentication", &body).await.expect(200);
        self.token = answer.str("/token");
    }

    /// Changes the password and goes on with the new secret.
    pub async fn change_password(&mut self, current: &str, new: &str) {
        let answer = self.try_change_password(current, new).await.expect(200);
        self.token = answer.str("/token");
    }

    /// Tries to change the password.
    pub async fn try_change_password(&self, current: &str, new: &str) -> Answer {
        let body = json!({"current_password": current, "new_password": new});
        self.post("/v1/me/password", &body).await
    }

    /// What secures the account.
    pub async fn checkup(&self) -> Value {
        self.get("/v1/me/security-checkup").await.expect(200).json()
    }

    /// The e-mail panel.
    pub async fn panel(&self) -> Value {
        self.get("/v1/me/email").await.expect(200).json()
    }

    /// Asks for a change of address.
    pub async fn request_change(&self, new: &str) -> Answer {
        let body = json!({"email": new, "confirm_email": new});
        self.post("/v1/me/email/change", &body).await
    }

    /// Asks for the letter to the new mailbox again.
    pub async fn resend_change(&self) -> Answer {
        self.poke("/v1/me/email/change/resend").await
    }

    /// Stops the pending change.
    pub async fn cancel_change(&self) -> Answer {
        self.delete("/v1/me/email/change").await
    }

    /// Confirms a change of address in this session.
    pub async fn confirm(&self, token: &str) -> Answer {
        self.post("/v1/email-changes/confirm", &confirmation(token, None)).await
    }
}

fn confirmation(token: &str, password: Option<&str>) -> Value {
    match password {
        None => json!({"token": token}),
        Some(password) => json!({"token": token, "password": password}),
    }
}
