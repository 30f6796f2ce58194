//! The server as a child process.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use rightful_crypto::vault::DataKey;
use rightful_database::Place;
use tokio::time::{Instant, sleep};

use crate::Outcome;
use crate::client::{Connection, get};
use crate::process;

/// A server that answers. It ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) public: SocketAddr,
    pub(crate) management: SocketAddr,
    /// From the start of the process to the first good answer of its readiness.
    pub(crate) ready_after: Duration,
}

/// One for the whole run: a database knows its key.
static DATA_KEY: LazyLock<DataKey> = LazyLock::new(DataKey::generate);

/// Longer than any start takes.
const PATIENCE: Duration = Duration::from_mins(1);

impl Server {
    /// Starts one as an operator would, with the defaults, and waits until it is ready.
    pub(crate) async fn start(place: &Place) -> Outcome<Self> {
        let [public, management] = [free_address()?, free_address()?];
        let url = match place {
            Place::Sqlite { path } => format!("sqlite:{}", path.display()),
            Place::Postgres { url } => url.clone(),
        };
        let began = Instant::now();
        let child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .envs([
                ("RIGHTFUL_SERVER__LISTEN", &*public.to_string()),
                ("RIGHTFUL_SERVER__MANAGEMENT_LISTEN", &management.to_string()),
                ("RIGHTFUL_SERVER__PUBLIC_URL", "https://accounts.example.com"),
                // This program is the proxy that says where requests come from.
                ("RIGHTFUL_SERVER__TRUSTED_PROXIES", "127.0.0.1/32"),
                ("RIGHTFUL_DATABASE__URL", &url),
                ("RIGHTFUL_SECRETS__DATA_KEY", &DATA_KEY.to_base64()),
                ("RIGHTFUL_MAIL__HOST", "127.0.0.1"),
                ("RIGHTFUL_MAIL__TLS", "none"),
                ("RIGHTFUL_MAIL__FROM", "accounts@shop.example"),
                ("RIGHTFUL_MAIL__LINK_BASE", "https://shop.example/account"),
                ("RIGHTFUL_MAIL__SHOP", "Shop"),
                ("RIGHTFUL_MAIL__SUPPORT", "help@shop.example"),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // Its log lines are made and written, and nobody reads them.
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self { child, public, management, ready_after: Duration::ZERO };
        let request = get("/readyz", None);
        while !server.is_ready(&request).await {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the server ended at once, {status}").into());
            }
            if began.elapsed() > PATIENCE {
                return Err("the server is not ready after a minute".into());
            }
            sleep(Duration::from_millis(1)).await;
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    async fn is_ready(&self, request: &[u8]) -> bool {
        let Ok(mut connection) = Connection::open(self.management).await else { return false };
        connection.ask(request).await.is_ok_and(|answer| answer.status == 200)
    }

    /// Seconds of CPU time that it has used.
    pub(crate) fn cpu(&self) -> Outcome<f64> {
        process::cpu(self.child.id())
    }

    /// Its resident memory in MiB: all of it, and what is not a mapped file.
    pub(crate) fn memory(&self) -> Outcome<(f64, f64)> {
        process::memory(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is there to be measured; how it stops in good order is tested elsewhere. One that has ended
        // already is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of this machine that nobody listens at.
fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
