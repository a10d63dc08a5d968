//! What processors look up outside the document. The engine does no I/O: whoever makes it hands these in.

use std::net::IpAddr;
use std::sync::Arc;

use event::{Doc, NodeId};

/// Databases of address locations, as the `geoip` processor names them.
pub trait GeoDatabases: Send + Sync {
    /// The view that one processor has of a database: made once, when its pipeline is compiled. The database may
    /// be absent now and come later.
    ///
    /// # Errors
    /// A sentence that names the properties that a database of this kind does not have, and those that it has.
    fn view(&self, request: &GeoRequest) -> Result<Arc<dyn GeoView>, String>;
}

/// Which database, and what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeoRequest {
    /// File name in the directory of databases.
    pub database_file: String,
    /// Property names in Elasticsearch's spelling; `None`: the defaults of the database's type.
    pub properties: Option<Vec<String>>,
}

/// One processor's view of one database.
pub trait GeoView: Send + Sync {
    /// Says which addresses are about to be looked up, so that what is known of them can be fetched at once.
    fn foresee(&self, _addresses: &[IpAddr]) {}

    /// Looks an address up and, when it is found, grafts the object of its properties into `doc`, detached.
    fn find(&self, address: IpAddr, doc: &mut Doc) -> GeoAnswer;
}

/// What a look-up gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeoAnswer {
    /// The object of the address's properties.
    Found(NodeId),
    /// The database does not know the address.
    NotFound,
    /// There is no such database, or none that can be read, at this time.
    Unavailable,
}

/// For pipelines that run without databases: every one is unavailable.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDatabases;

impl GeoDatabases for NoDatabases {
    fn view(&self, _: &GeoRequest) -> Result<Arc<dyn GeoView>, String> {
        Ok(Arc::new(Self))
    }
}

impl GeoView for NoDatabases {
    fn find(&self, _: IpAddr, _: &mut Doc) -> GeoAnswer {
        GeoAnswer::Unavailable
    }
}
