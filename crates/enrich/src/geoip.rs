//! The databases of a directory, and the views that processors have of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak, mpsc};
use std::thread;
use std::time::Duration;

use event::{Data, Doc, Fragment, NodeId};
use ingest::lookup::{GeoAnswer, GeoDatabases, GeoRequest, GeoView};
use parking_lot::Mutex;

use crate::cache::{Cache, CacheKey, Epoch, RecordKey};
use crate::database::{Database, Loaded};
use crate::kind::Kind;
use crate::property::{Found, Property};
use crate::samples;

/// So many databases are known at most; pipelines that are only tried out name some, too.
const MOST_DATABASES: usize = 256;
/// So many choices of properties of theirs.
const MOST_VIEWS: usize = 4_096;

/// Bytes that the kept answers of all databases may take.
const CACHE_MEMORY: usize = 8 << 20;
/// How often files are looked at.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// GeoIP databases by file name.
pub struct GeoLookup {
    shared: Arc<Shared>,
    /// Ends the thread that checks the files, when it is dropped.
    _stop: Option<mpsc::Sender<()>>,
}

struct Shared {
    /// `None`: the sample databases.
    directory: Option<PathBuf>,
    databases: Mutex<HashMap<String, Arc<Database>>>,
    views: Mutex<Vec<(GeoRequest, Arc<View>)>>,
    epoch: Epoch,
    cache: Arc<Cache>,
}

impl GeoLookup {
    /// The databases of a directory. A file is read when the first processor names it, and again, within ten
    /// seconds, when it appears or changes; neither it nor the directory needs to be there yet.
    ///
    /// # Errors
    /// The operating system gives no thread to check the files with.
    pub fn open(directory: &Path) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::new(Some(directory.to_owned())));
        let (stop, stopped) = mpsc::channel();
        let watched = Arc::downgrade(&shared);
        thread::Builder::new().name("geoip-check".into()).spawn(move || check_files(&watched, &stopped))?;
        Ok(Self { shared, _stop: Some(stop) })
    }

    /// The sample databases, which know the addresses that are reserved for documentation.
    pub fn of_samples() -> Self {
        Self { shared: Arc::new(Shared::new(None)), _stop: None }
    }

    /// Looks now whether files changed.
    pub fn check(&self) {
        self.shared.check();
    }
}

fn check_files(shared: &Weak<Shared>, stopped: &mpsc::Receiver<()>) {
    while stopped.recv_timeout(CHECK_INTERVAL) == Err(mpsc::RecvTimeoutError::Timeout) {
        let Some(shared) = shared.upgrade() else { return };
        shared.check();
    }
}

impl Shared {
    fn new(directory: Option<PathBuf>) -> Self {
        Self {
            directory,
            databases: Mutex::default(),
            views: Mutex::default(),
            epoch: Epoch::default(),
            cache: Arc::new(Cache::new(CACHE_MEMORY)),
        }
    }

    fn check(&self) {
        let databases: Vec<_> = self.databases.lock().values().cloned().collect();
        for database in databases {
            database.check();
        }
    }

    fn database(&self, file: &str) -> Result<Arc<Database>, String> {
        if Path::new(file).file_name().is_none_or(|name| name != file) {
            return Err(format!("database_file [{file}] must be the name of a file, without a directory"));
        }
        let mut databases = self.databases.lock();
        if let Some(database) = databases.get(file) {
            return Ok(Arc::clone(database));
        }
        if databases.len() >= MOST_DATABASES {
            return Err(format!(
                "pipelines have named {MOST_DATABASES} databases already: start trailcar anew"
            ));
        }
        let epoch = self.epoch.clone();
        let database = match &self.directory {
            Some(directory) => Database::of_file(directory.join(file), epoch),
            None => match samples::find(file) {
                Some(bytes) => Database::of_bytes(bytes, epoch).map_err(|error| error.to_string())?,
                None => Database::absent(epoch),
            },
        };
        database.check();
        let database = Arc::new(database);
        databases.insert(file.to_owned(), Arc::clone(&database));
        Ok(database)
    }
}

impl GeoDatabases for GeoLookup {
    fn view(&self, request: &GeoRequest) -> Result<Arc<dyn GeoView>, String> {
        let database = self.shared.database(&request.database_file)?;
        let mut views = self.shared.views.lock();
        if let Some((_, view)) = views.iter().find(|(old, _)| old == request) {
            return Ok(Arc::clone(view) as Arc<dyn GeoView>);
        }
        if views.len() >= MOST_VIEWS {
            return Err(format!(
                "pipelines have asked for {MOST_VIEWS} choices of properties already: start trailcar anew"
            ));
        }
        // A database that is not there yet is judged by its file's name, if that tells its kind.
        let kind = database.current().map(|loaded| loaded.kind).or_else(|| Kind::of(&request.database_file));
        let valid = kind.map_or(Property::ALL, Kind::properties);
        let parse = |names: &Vec<String>| Property::parse(valid, names);
        let view = Arc::new(View {
            id: u32::try_from(views.len()).map_err(|_| "too many geoip processors".to_owned())?,
            database,
            properties: request.properties.as_ref().map(parse).transpose()?,
            epoch: self.shared.epoch.clone(),
            cache: Arc::clone(&self.shared.cache),
        });
        views.push((request.clone(), Arc::clone(&view)));
        Ok(view)
    }
}

struct View {
    id: u32,
    database: Arc<Database>,
    /// What the processor names; `None`: the defaults of the database's kind.
    properties: Option<Vec<Property>>,
    epoch: Epoch,
    cache: Arc<Cache>,
}

impl GeoView for View {
    fn foresee(&self, addresses: &[IpAddr]) {
        let epoch = self.epoch.now();
        let key = |address: &IpAddr| CacheKey::new(address.to_canonical(), self.id, epoch);
        self.cache.foresee(addresses.iter().map(key));
    }

    fn find(&self, address: IpAddr, doc: &mut Doc) -> GeoAnswer {
        let key = CacheKey::new(address.to_canonical(), self.id, self.epoch.now());
        if let Some(answer) = self.cache.find(key, doc) {
            return answer;
        }
        let Some(loaded) = self.database.current() else { return GeoAnswer::Unavailable };
        let Some(located) = loaded.locate(key.address()) else {
            self.cache.keep(key, None, None);
            return GeoAnswer::NotFound;
        };
        let record = self.record(&loaded, located.offset);
        if let Some(answer) = record.and_then(|record| self.cache.find_record(key, record, doc)) {
            return answer;
        }
        let answer = loaded.read(&located, |found| self.build(&loaded, found, doc));
        self.cache.keep(key, record, answer.map(|node| Fragment::of(doc, node)).as_ref());
        answer.map_or(GeoAnswer::NotFound, GeoAnswer::Found)
    }
}

impl View {
    /// Whose answer it is: the record's, unless the address or its network are in it.
    fn record(&self, loaded: &Loaded, offset: usize) -> Option<RecordKey> {
        let asked = self.properties.as_deref().unwrap_or(loaded.kind.defaults());
        let of_address = asked.iter().any(|property| matches!(property, Property::Ip | Property::Network));
        (!of_address).then(|| RecordKey::new(self.id, loaded.generation, offset))
    }

    /// Builds the object of an address in `doc`, detached; `None` where nothing of what was asked is known.
    fn build(&self, loaded: &Loaded, found: &Found<'_>, doc: &mut Doc) -> Option<NodeId> {
        let object = doc.node(Data::EMPTY_OBJECT);
        let asked = self.properties.as_deref().unwrap_or(loaded.kind.defaults());
        // A file can come back as another kind than the one that the pipeline was compiled with.
        let known = asked.iter().filter(|property| loaded.kind.properties().contains(property));
        for &property in known {
            if let Some(value) = property.value(found, doc) {
                doc.put_named(object, property.name(), value);
            }
        }
        (!doc.is_empty(object)).then_some(object)
    }
}
