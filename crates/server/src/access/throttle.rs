//! How often somebody may fail: by address, and by the name that is tried.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::address::network;

/// Failures are counted for this long from the first on.
const WINDOW: Duration = Duration::from_secs(300);
/// From one address.
const OF_ADDRESS: u32 = 10;
/// With one name, from wherever: more, since somebody else may be who fails.
const OF_NAME: u32 = 50;
/// So many addresses and names are remembered.
const MOST: usize = 10_000;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Address(String),
    Name(String),
}

/// Counts failures.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    failures: Mutex<HashMap<Key, (Instant, u32)>>,
}

fn keys(address: Option<IpAddr>, name: Option<&str>) -> impl Iterator<Item = (Key, u32)> {
    let name = name.map(|name| (Key::Name(name.to_owned()), OF_NAME));
    std::iter::once((Key::Address(network(address)), OF_ADDRESS)).chain(name)
}

impl Throttle {
    /// How long to wait before another attempt; none when it may be made.
    pub(super) fn wait(&self, address: Option<IpAddr>, name: Option<&str>) -> Option<Duration> {
        let (failures, now) = (self.failures.lock(), Instant::now());
        let waits = keys(address, name).filter_map(|(key, most)| {
            let (first, count) = failures.get(&key)?;
            let left = WINDOW.checked_sub(now.duration_since(*first)).filter(|left| !left.is_zero())?;
            (*count >= most).then_some(left)
        });
        waits.max()
    }

    /// Counts a failure.
    pub(super) fn failed(&self, address: Option<IpAddr>, name: Option<&str>) {
        let (mut failures, now) = (self.failures.lock(), Instant::now());
        if failures.len() + 2 > MOST {
            failures.retain(|_, (first, _)| now.duration_since(*first) < WINDOW);
        }
        for (key, _) in keys(address, name) {
            if failures.len() >= MOST && !failures.contains_key(&key) {
                // Who fails from ever new addresses pushes out the oldest of them.
                let oldest = failures.iter().min_by_key(|(_, (first, _))| *first).map(|(key, _)| key.clone());
                oldest.map(|oldest| failures.remove(&oldest));
            }
            let (first, count) = failures.entry(key).or_insert((now, 0));
            if now.duration_since(*first) >= WINDOW {
                (*first, *count) = (now, 0);
            }
            *count = count.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[tokio::test(start_paused = true)]
    async fn who_fails_often_waits_and_may_then_try_again() {
        let throttle = Throttle::default();
        for _ in 0..OF_ADDRESS {
            assert_eq!(throttle.wait(address(1), Some("ada")), None);
            throttle.failed(address(1), Some("ada"));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let left = WINDOW - Duration::from_secs(u64::from(OF_ADDRESS));
        assert_eq!(throttle.wait(address(1), Some("grace")), Some(left));
        assert_eq!(throttle.wait(address(2), Some("ada")), None);
        tokio::time::advance(left).await;
        assert_eq!(throttle.wait(address(1), Some("ada")), None);
        throttle.failed(address(1), Some("ada"));
        assert_eq!(throttle.wait(address(1), Some("ada")), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_is_protected_against_many_addresses() {
        let throttle = Throttle::default();
        for at in 0..OF_NAME {
            assert_eq!(throttle.wait(address(200), Some("ada")), None);
            throttle.failed(address(at as u8), Some("ada"));
        }
        assert_eq!(throttle.wait(address(200), Some("ada")), Some(WINDOW));
        assert_eq!(throttle.wait(address(200), Some("grace")), None);
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_whoever_comes() {
        let throttle = Throttle::default();
        for at in 0..MOST as u32 / 2 + 50 {
            let [a, b, c, d] = at.to_be_bytes();
            throttle.failed(Some(IpAddr::from([10 + a, b, c, d])), Some(&at.to_string()));
        }
        assert!(throttle.failures.lock().len() <= MOST);
    }
}
