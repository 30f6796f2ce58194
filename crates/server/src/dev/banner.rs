//! What `rightful dev` prints when it answers.

use std::path::Path;

use super::{CONTACT, CUSTOMER, PASSWORD};
use crate::server::Running;

/// Where everything is. Only called when the listeners are bound: every line is true.
pub(crate) fn banner(running: &Running, folder: &Path) -> String {
    let (api, beside) = (running.origin(), format!("http://{}", running.management_addr()));
    format!(
        "
Rightful {version}, development server

  API              {api}/v1
  API by hand      {api}/docs
  inbox            {api}/dev/inbox
  readiness        {beside}/readyz
  metrics          {beside}/metrics

  sign in as       {CUSTOMER}
  with             {PASSWORD}
  known contact    {CONTACT} (no account)

Accounts and the data key are in {folder} and stay; delete the folder to begin anew. The inbox is in memory:
its e-mails are gone when the server stops. Ctrl-C stops.

",
        version = env!("CARGO_PKG_VERSION"),
        folder = folder.display(),
    )
}
