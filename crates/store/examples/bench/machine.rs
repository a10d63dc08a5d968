//! What the process has taken of the machine, and numbers for people.

use std::path::Path;
use std::time::Duration;

/// Prints a line.
#[expect(clippy::print_stdout, reason = "it is what the program is for")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// A field of `/proc/self/status` in MiB.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kb = line.trim_start_matches(':').split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok());
    kb.unwrap_or(0) / 1024
}

/// Resident memory in MiB: now, at most since [`forget_peak`], and of it what is no mapped file.
pub(crate) fn memory() -> String {
    format!("{} MiB (peak {}, anonymous {})", status("VmRSS"), status("VmHWM"), status("RssAnon"))
}

/// Lets the peak begin again from here.
pub(crate) fn forget_peak() {
    if let Err(error) = std::fs::write("/proc/self/clear_refs", "5") {
        say(&format!("the peak of memory is that of the whole process ({error})"));
    }
}

/// Processor time that this process has taken, in seconds.
pub(crate) fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat.split(' ').skip(13).take(2).filter_map(|text| text.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

/// How much of the last minute other processes kept others waiting for a core.
pub(crate) fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

/// Milliseconds that so many percent of some times do not exceed.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// Bytes of the files in a folder.
pub(crate) fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}
