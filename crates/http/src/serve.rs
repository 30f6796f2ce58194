//! The accept loop: poem's endpoints on hyper, HTTP/1.1, without TLS (a proxy ends it).
//!
//! Not poem's own server: it has no time limit for headers, no cap on connections, retries a failing accept
//! in a hot loop, and leaves Nagle's algorithm on.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Request};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Sleep, sleep};

/// What one listener may spend on its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; more wait to be accepted. 4096.
    pub connections: usize,
    /// For the first byte of a connection and for the head of each request, idling in between included. 15 s.
    pub header: Duration,
    /// For each step of an answer that the client takes: one that takes nothing for so long is cut off. 30 s.
    pub write: Duration,
    /// After the stop, for requests that are being answered. 25 s.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            header: Duration::from_secs(15),
            write: Duration::from_secs(30),
            grace: Duration::from_secs(25),
        }
    }
}

/// Serves `endpoint` until `stop` ends, then finishes what is under way, at most [`Limits::grace`].
pub async fn serve<E>(
    listener: TcpListener,
    endpoint: E,
    limits: Limits,
    stop: impl Future<Output = ()>,
) where
    E: IntoEndpoint,
    E::Endpoint: 'static,
{
    let endpoint = Arc::new(endpoint.into_endpoint().map_to_response());
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        // About as long may the head of a request be; longer is 431.
        .max_buf_size(16 * 1024);
    let mut stop = pin!(stop);
    loop {
        let slot = tokio::select! {
            () = &mut stop => break,
            slot = Arc::clone(&slots).acquire_owned() => slot.expect("the semaphore is never closed"),
        };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: the next try would fail as fast as this one.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (endpoint, http, watcher) = (Arc::clone(&endpoint), http.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _slot = slot;
            let Ok(local) = stream.set_nodelay(true).and_then(|()| stream.local_addr()) else {
                return; // The peer is gone already.
            };
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let endpoint = Arc::clone(&endpoint);
                let (local, peer) = (LocalAddr(local.into()), RemoteAddr(peer.into()));
                async move {
                    let request = Request::from((request, local, peer, Scheme::HTTP));
                    Ok::<hyper::Response<_>, Infallible>(
                        endpoint.get_response(request).await.into(),
                    )
                }
            });
            let io = TokioIo::new(Patience::new(stream, limits));
            if let Err(error) = watcher.watch(http.serve_connection(io, service)).await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = sleep(limits.grace) => tracing::warn!("the grace period is over; connections are cut"),
    }
}

/// The limits that hyper has not: its own for heads starts with the first byte, so a peer that never sends one
/// is cut off here; so is a peer that takes nothing of an answer that waits for it.
struct Patience {
    stream: TcpStream,
    first_byte: Option<Pin<Box<Sleep>>>,
    write: Duration,
    /// Runs while bytes wait to be written, anew after each step.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(stream: TcpStream, limits: Limits) -> Self {
        let first_byte = Some(Box::pin(sleep(limits.header)));
        Self { stream, first_byte, write: limits.write, stalled: None }
    }

    /// What a write gave, or the end of the patience with a peer that takes nothing.
    fn progress(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let write = self.write;
        let timer = self.stalled.get_or_insert_with(|| Box::pin(sleep(write)));
        timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patience {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.first_byte = None;
        } else if let Some(timer) = &mut self.first_byte
            && timer.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Patience {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.progress(context, outcome)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.progress(context, outcome)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
