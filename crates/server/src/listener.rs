//! The server: its routes and its life.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use deliver::Status;
use ledger::Ledger;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::Elsewhere;
use crate::guard::Exposure;
use crate::{access, api, guard, health, metrics, viewer};

/// Nothing that is asked here has a body.
const MAX_BODY: usize = 16 << 10;
/// How long open requests may take once the server is to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// What the server shows.
#[derive(Clone)]
pub struct App {
    /// What goes on in the delivery; `None` when only the store is looked at.
    pub status: Option<Arc<Status>>,
    /// Balance and quarantine.
    pub ledger: Ledger,
    /// The embedded store, when it is the destination.
    pub store: Option<Store>,
    /// Another destination that can be asked for the last events.
    pub elsewhere: Option<Arc<dyn Elsewhere>>,
    /// What the destination is called.
    pub destination: &'static str,
}

/// A server that listens already, so that its address is known before it serves.
pub struct Server {
    listener: TcpListener,
    router: Router,
    exposure: Exposure,
}

impl Server {
    /// Binds an address; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is taken or not this machine's.
    pub async fn bind(address: SocketAddr, app: App) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let exposure = Exposure::of(listener.local_addr()?);
        if exposure == Exposure::HealthOnly {
            tracing::warn!(
                "{address} can be reached from other machines, so it serves /healthz, /readyz and /metrics only; for \
                 the viewer let server.listen be a loopback address, 127.0.0.1:8686 for instance"
            );
        }
        Ok(Self { listener, router: router(app, exposure), exposure })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What it shows.
    pub fn exposure(&self) -> Exposure {
        self.exposure
    }

    /// Serves until `stop` is cancelled; requests under way may end.
    ///
    /// # Errors
    /// The listening socket breaks.
    pub async fn serve(self, stop: CancellationToken) -> std::io::Result<()> {
        let served = axum::serve(self.listener, self.router)
            .with_graceful_shutdown({
                let stop = stop.clone();
                async move { stop.cancelled().await }
            })
            .into_future();
        let overdue = async {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            result = served => result,
            () = overdue => Ok(()),
        }
    }
}

/// The routes for an exposure.
pub(crate) fn router(app: App, exposure: Exposure) -> Router {
    let open = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show));
    let routes = match exposure {
        Exposure::Local => {
            let inside = viewer::routes().merge(api::routes()).layer(middleware::from_fn(access::open));
            open.merge(inside).layer(middleware::from_fn(guard::local_host))
        }
        Exposure::HealthOnly => open,
    };
    routes
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(guard::headers))
        .with_state(Arc::new(app))
}
