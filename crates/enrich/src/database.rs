//! One database: a file that is read into memory when it appears or changes, or bytes that are there.
//!
//! A change is seen by time, size and inode. A file is taken only when these were the same before and after it was
//! read, and when it is whole (the metadata stand at its end); otherwise the database that is there stays. A file
//! that is gone is missed at two checks in a row before its database goes, so that replacing one by removing it
//! first leaves no gap.

use std::borrow::Cow;
use std::fs::Metadata;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::SystemTime;

use maxminddb::{LookupResult, MaxMindDbError, Reader};
use parking_lot::{Mutex, RwLock};

use crate::cache::Epoch;
use crate::ipinfo::Ipinfo;
use crate::kind::{Form, Kind};
use crate::property::Found;
use crate::record::{Record, Traits};

/// Larger files are refused: databases are held in memory.
const LARGEST_FILE: u64 = 4 << 30;

/// A database in memory.
pub(crate) struct Loaded {
    reader: Reader<Cow<'static, [u8]>>,
    pub(crate) kind: Kind,
    /// From 1, counted up at every load of the same file.
    pub(crate) generation: u32,
    /// Whether a record was met that can not be read; it is said once.
    unreadable: AtomicBool,
}

impl Loaded {
    /// The record of an address, where there is one.
    pub(crate) fn locate(&self, address: IpAddr) -> Option<Located<'_>> {
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return None;
        }
        let result = self.readable(self.reader.lookup(address))?;
        Some(Located { address, offset: result.offset()?, result })
    }

    /// Calls `found` with what a record holds.
    pub(crate) fn read<T>(
        &self,
        located: &Located<'_>,
        found: impl FnOnce(&Found<'_>) -> Option<T>,
    ) -> Option<T> {
        let record = self.readable(self.decode(located))??;
        let network = self.readable(located.result.network())?;
        let network = (network.network(), network.prefix());
        found(&Found { address: located.address, network, record: &record })
    }

    fn decode<'a>(&self, located: &Located<'a>) -> Result<Option<Record<'a>>, MaxMindDbError> {
        match self.kind.form() {
            Form::Places => located.result.decode::<Record<'_>>(),
            Form::Traits => {
                let traits = located.result.decode::<Traits<'_>>()?;
                Ok(traits.map(|traits| Record { traits, ..Record::default() }))
            }
            Form::Ipinfo => Ok(located.result.decode::<Ipinfo<'_>>()?.map(Record::from)),
        }
    }

    /// What was read, if it could be; that it could not is said once.
    fn readable<T>(&self, read: Result<T, MaxMindDbError>) -> Option<T> {
        read.inspect_err(|error| {
            if !self.unreadable.swap(true, Ordering::Relaxed) {
                let database_type = &self.reader.metadata().database_type;
                tracing::warn!(database_type, %error, "a record of the GeoIP database can not be read: not enriched");
            }
        })
        .ok()
    }
}

/// A record that an address leads to.
pub(crate) struct Located<'a> {
    address: IpAddr,
    result: LookupResult<'a, Cow<'static, [u8]>>,
    /// Where it stands in the database: the same for all addresses that lead to it.
    pub(crate) offset: usize,
}

/// Why a database can not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("{0}")]
    Read(#[from] io::Error),
    #[error("it has {0} bytes; the largest that is taken has {LARGEST_FILE}")]
    TooLarge(u64),
    #[error("it changed while it was read; it is read again at the next check")]
    Changing,
    #[error("it is not a whole MaxMind database: {0}")]
    Broken(#[from] MaxMindDbError),
    #[error(
        "Unsupported database type [{0}]; the type must name one of City, Country, ASN, Anonymous-IP, Connection-Type, Domain, Enterprise, ISP, or, of IPinfo, ASN, Country, Location, Privacy"
    )]
    Unsupported(String),
}

/// What of a file's metadata changes with its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    inode: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Self { modified: metadata.modified().ok(), size: metadata.len(), inode }
    }
}

/// What the checks of a file have seen.
#[derive(Default)]
struct Watch {
    /// The file that was looked at last, whether it was good or not.
    seen: Option<Stamp>,
    /// Checks in a row that found no file.
    missed: u32,
}

/// A database and where it comes from.
pub(crate) struct Database {
    /// The file; `None` for bytes that are compiled in.
    path: Option<PathBuf>,
    current: RwLock<Option<Arc<Loaded>>>,
    /// Generation of `current`; 0 for none. Beside the lock, since every look-up reads it.
    generation: AtomicU32,
    loads: AtomicU32,
    /// Of all databases together.
    epoch: Epoch,
    watch: Mutex<Watch>,
}

impl Database {
    /// A database that is its file's, once [`Database::check`] finds it.
    pub(crate) fn of_file(path: PathBuf, epoch: Epoch) -> Self {
        Self::new(Some(path), epoch)
    }

    /// A database that is there and stays.
    ///
    /// # Errors
    /// [`LoadError::Broken`] and [`LoadError::Unsupported`].
    pub(crate) fn of_bytes(bytes: &'static [u8], epoch: Epoch) -> Result<Self, LoadError> {
        let database = Self::absent(epoch);
        database.load(Cow::Borrowed(bytes))?;
        Ok(database)
    }

    /// A database that is not there and never comes.
    pub(crate) fn absent(epoch: Epoch) -> Self {
        Self::new(None, epoch)
    }

    fn new(path: Option<PathBuf>, epoch: Epoch) -> Self {
        Self {
            path,
            current: RwLock::new(None),
            generation: AtomicU32::new(0),
            loads: AtomicU32::new(0),
            epoch,
            watch: Mutex::default(),
        }
    }

    /// Generation of the database that is there; 0 for none.
    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    /// The database that is there.
    pub(crate) fn current(&self) -> Option<Arc<Loaded>> {
        self.current.read().clone()
    }

    /// Looks whether the file changed, appeared or went, and logs what came of it.
    pub(crate) fn check(&self) {
        let Some(path) = &self.path else { return };
        let mut watch = self.watch.lock();
        match std::fs::metadata(path) {
            Ok(metadata) => {
                watch.missed = 0;
                let stamp = Stamp::of(&metadata);
                if watch.seen != Some(stamp) {
                    watch.seen = Some(stamp);
                    self.take(path, stamp, &mut watch);
                }
            }
            Err(error) => self.miss(path, &error, &mut watch),
        }
    }

    fn take(&self, path: &Path, stamp: Stamp, watch: &mut Watch) {
        let database = path.display();
        match read(path, stamp).and_then(|bytes| self.load(Cow::Owned(bytes))) {
            Ok(loaded) => {
                let metadata = loaded.reader.metadata();
                tracing::info!(
                    %database,
                    database_type = metadata.database_type,
                    build_epoch = metadata.build_epoch,
                    "loaded the GeoIP database"
                );
            }
            Err(error) => {
                if matches!(error, LoadError::Changing) {
                    watch.seen = None;
                }
                if self.generation() == 0 {
                    tracing::warn!(%database, %error, "can not load the GeoIP database");
                } else {
                    tracing::warn!(%database, %error, "can not load the new GeoIP database; the old one stays");
                }
            }
        }
    }

    fn miss(&self, path: &Path, error: &io::Error, watch: &mut Watch) {
        watch.missed = watch.missed.saturating_add(1);
        let (directory, database) = (path.parent().unwrap_or(path), path.file_name().unwrap_or_default());
        if self.generation() == 0 && watch.missed == 1 {
            tracing::warn!(
                database = %database.display(), directory = %directory.display(), %error,
                "no GeoIP database: events are tagged, not enriched. Put the file into the directory, it is taken \
                 up without a restart; free ones are GeoLite2 (dev.maxmind.com/geoip/geolite2-free-geolocation-data) \
                 and DB-IP Lite (db-ip.com/db/lite.php)"
            );
        } else if self.generation() > 0 && watch.missed == 2 {
            self.set(None);
            watch.seen = None;
            tracing::warn!(
                database = %database.display(), directory = %directory.display(), %error,
                "the GeoIP database is gone: events are tagged, not enriched, until it is back"
            );
        }
    }

    /// Whoever saw the new database sees its generation as well: both change under the lock.
    fn set(&self, loaded: Option<Arc<Loaded>>) {
        let mut current = self.current.write();
        self.generation.store(loaded.as_ref().map_or(0, |loaded| loaded.generation), Ordering::Release);
        *current = loaded;
        drop(current);
        self.epoch.advance();
    }

    fn load(&self, bytes: Cow<'static, [u8]>) -> Result<Arc<Loaded>, LoadError> {
        let reader = Reader::from_source(bytes)?;
        let name = &reader.metadata().database_type;
        let kind = Kind::of(name).ok_or_else(|| LoadError::Unsupported(name.clone()))?;
        let generation = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
        let loaded = Arc::new(Loaded { reader, kind, generation, unreadable: AtomicBool::new(false) });
        self.set(Some(Arc::clone(&loaded)));
        Ok(loaded)
    }
}

/// Reads the file that has this stamp.
fn read(path: &Path, stamp: Stamp) -> Result<Vec<u8>, LoadError> {
    if stamp.size > LARGEST_FILE {
        return Err(LoadError::TooLarge(stamp.size));
    }
    let mut file = std::fs::File::open(path)?;
    if Stamp::of(&file.metadata()?) != stamp {
        return Err(LoadError::Changing);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or(0));
    file.by_ref().take(stamp.size + 1).read_to_end(&mut bytes)?;
    if Stamp::of(&file.metadata()?) != stamp || bytes.len() as u64 != stamp.size {
        return Err(LoadError::Changing);
    }
    Ok(bytes)
}
