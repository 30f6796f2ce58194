//! A shop that has Rightful inside: `cargo run -p rightful --example embed`.

use std::path::Path;
use std::sync::Arc;

use poem::http::StatusCode;
use poem::listener::TcpListener;
use poem::web::Data;
use poem::{EndpointExt, Request, Route, Server, get, handler};
use rightful::config::{CommandValues, Settings, Sources};
use rightful::{Embedded, Options, StartError, embed};
use rightful_domain::Rightful;
use rightful_domain::sessions::{Carrier, SessionError};

/// A page of the shop's own. It asks a use case directly: whose session is this?
#[handler]
async fn basket(
    Data(accounts): Data<&Arc<Rightful>>,
    request: &Request,
) -> Result<String, StatusCode> {
    let bearer = request.header("Authorization").and_then(|value| value.strip_prefix("Bearer "));
    match accounts.sessions().check(bearer.unwrap_or_default()).await {
        // A session of a browser's cookie is good in the cookie only.
        Ok(live) if live.session.record().carrier == Carrier::Bearer => {
            Ok(format!("The basket of {}\n", live.account.email().as_str()))
        }
        Ok(_) | Err(SessionError::Over) => Err(StatusCode::UNAUTHORIZED),
        Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// The accounts, with their records in `folder`.
pub(crate) async fn accounts(folder: &Path, data_key: String) -> Result<Embedded, StartError> {
    // What this program brings. A file and RIGHTFUL_… variables could overrule it: see `Sources`.
    let defaults = vec![
        ("database.url", format!("sqlite:{}", folder.join("accounts.db").display())),
        ("secrets.data_key", data_key),
        ("server.public_url", String::from("http://localhost:3000")),
        ("mail.link_base", String::from("http://localhost:3000/accounts")),
        // Letters stay in memory here. A shop that is open has `smtp`, and `mail.host`.
        ("mail.transport", String::from("inbox")),
        ("mail.shop", String::from("Maison Lune")),
        ("mail.support", String::from("help@maison-lune.example")),
    ];
    let brings = CommandValues { name: "shop", defaults, fixed: Vec::new() };
    let sources = Sources { command: Some(brings), ..Sources::default() };
    // For the inbox. A shop that is open leaves it out, and has everything that `rightful serve` demands.
    let options = Options { trial: true, ..Options::default() };
    embed(Settings::collect(sources)?.config()?, options).await
}

/// The shop's routes, and those of the accounts among them.
pub(crate) fn shop(accounts: &Embedded) -> Route {
    let api = Arc::new(accounts.api());
    let page = get(basket).data(Arc::clone(accounts.rightful()));
    Route::new()
        .at("/basket", page)
        .nest("/accounts", Arc::clone(&api))
        // Every refusal links to its explanation, below the origin.
        .nest_no_strip("/problems", api)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join("shop");
    std::fs::create_dir_all(&folder)?;
    // Beside the records, which only an example may do: a shop keeps its key where the records are not.
    let file = folder.join("data.key");
    if !file.exists() {
        let key = rightful_crypto::vault::DataKey::generate();
        std::fs::write(&file, key.to_base64().as_bytes())?;
    }
    let key = std::fs::read_to_string(&file)?;
    let accounts = accounts(&folder, key).await?;

    let until = async { drop(tokio::signal::ctrl_c().await) };
    let server = Server::new(TcpListener::bind("127.0.0.1:3000"));
    server.run_with_graceful_shutdown(shop(&accounts), until, None).await?;
    accounts.stop().await;
    Ok(())
}
