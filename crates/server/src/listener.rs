//! The server: its routes and its life.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use deliver::Status;
use ingest_api::Library;
use ipnet::IpNet;
use journal::Recorder;
use ledger::Ledger;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use users::Users;

use crate::Elsewhere;
use crate::access::{self, Door};
use crate::guard::Exposure;
use crate::{api, elasticsearch, guard, health, metrics, viewer};

/// Only the form to log in has a body, and a small one.
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
    /// The pipelines, when events run through them here.
    pub library: Option<Arc<Library>>,
    /// What the destination is called.
    pub destination: &'static str,
    /// Who may come in.
    pub users: Users,
    /// Where it is written down who looks at what; `None` when that matters to nobody, as in a demonstration.
    pub recorder: Option<Recorder>,
    /// Proxies that are believed when they say whom a request is from.
    pub trusted_proxies: Vec<IpNet>,
}

/// A server that listens already, so that its address is known before it serves.
pub struct Server {
    listener: TcpListener,
    router: Router,
    exposure: Exposure,
    recorder: Option<Recorder>,
}

impl Server {
    /// Binds an address; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is taken or not this machine's.
    pub async fn bind(address: SocketAddr, app: App) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let exposure = Exposure::of(listener.local_addr()?);
        let port = listener.local_addr()?.port();
        let users_exist = app.users.exist().map_err(std::io::Error::other)?;
        match (exposure, users_exist) {
            (Exposure::Remote, _) => tracing::warn!(%address, "{}", exposure.words(users_exist)),
            (Exposure::Local, _) => tracing::info!(%address, "{}", exposure.words(users_exist)),
        }
        let recorder = app.recorder.clone();
        Ok(Self { listener, router: router(app, exposure, port), exposure, recorder })
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
        let service = self.router.into_make_service_with_connect_info::<SocketAddr>();
        let counting = self.recorder.map(|recorder| AbortOnDropHandle::new(tokio::spawn(count(recorder))));
        let served = axum::serve(self.listener, service)
            .with_graceful_shutdown({
                let stop = stop.clone();
                async move { stop.cancelled().await }
            })
            .into_future();
        let overdue = async {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        let result = tokio::select! {
            result = served => result,
            () = overdue => Ok(()),
        };
        drop(counting);
        result
    }
}

/// Writes down what was counted and is a minute old.
async fn count(recorder: Recorder) {
    loop {
        tokio::time::sleep(Duration::from_secs(15)).await;
        let recorder = recorder.clone();
        match tokio::task::spawn_blocking(move || recorder.flush_old()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!("{error}"),
            Err(error) => tracing::error!("{error}"),
        }
    }
}

/// The routes, of which those that show events stand behind the door.
pub(crate) fn router(app: App, exposure: Exposure, port: u16) -> Router {
    let app = Arc::new(app);
    let door = Arc::new(Door::new(Arc::clone(&app), exposure, port));
    let open = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show));
    let inside = viewer::routes()
        .merge(api::routes())
        .merge(elasticsearch::routes())
        .layer(middleware::from_fn_with_state(Arc::clone(&app), elasticsearch::or_page))
        .layer(middleware::from_fn_with_state(Arc::clone(&door), access::pass));
    open.merge(viewer::assets())
        .merge(inside)
        .with_state(app)
        .merge(access::routes(Arc::clone(&door)))
        .layer(middleware::from_fn_with_state(door, access::local_host))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(guard::headers))
}
