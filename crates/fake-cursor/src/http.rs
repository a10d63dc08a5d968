//! The service on loopback.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request as HttpRequest, Response, header};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::query::Request;
use crate::service::{Reply, Service};

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
    pub async fn start(service: Service) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(answer).with_state(service);
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

async fn answer(State(service): State<Service>, request: HttpRequest<Body>) -> Response<Body> {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let reply = service.answer(&Request {
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        authorization: authorization.map(str::to_owned),
    });
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
