//! A stand-in on loopback.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request as HttpRequest, Response, header};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Reply, Request};

/// What answers requests.
pub trait StandIn: Clone + Send + Sync + 'static {
    /// Answers one.
    fn answer(&self, request: &Request) -> Reply;
}

/// A service that listens, until this is dropped.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    task: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Starts on a free port of loopback.
    ///
    /// # Errors
    /// There is none.
    pub async fn start<S: StandIn>(service: S) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(answer::<S>).with_state(service);
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, task })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer<S: StandIn>(State(service): State<S>, request: HttpRequest<Body>) -> Response<Body> {
    let uri = request.uri();
    let asked = request.headers().iter().fold(
        Request::new(uri.path(), uri.query().unwrap_or_default()),
        |asked, (name, value)| match value.to_str() {
            Ok(value) => asked.with(name.as_str(), value),
            Err(_) => asked,
        },
    );
    let reply = service.answer(&asked);
    if reply.silence {
        std::future::pending::<()>().await;
    }
    respond(reply)
}

fn respond(reply: Reply) -> Response<Body> {
    let mut response =
        Response::builder().status(reply.status).header(header::CONTENT_TYPE, reply.content_type);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap_or_default()
}
