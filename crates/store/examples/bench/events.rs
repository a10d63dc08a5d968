//! Made-up audit events of three sources, from a fixed seed, one a line: `_id`, a tab, the document.

use std::fmt::Write as _;
use std::io::{self, Write};

use jiff::Timestamp;

/// 2026-01-01
pub(crate) const START: i64 = 1_767_225_600_000;
const YEAR: u64 = 365 * 86_400_000;
pub(crate) const ACTORS: u64 = 2_000;
const ADDRESSES: u64 = 130_000;

/// Action, category, type; the first ones are more frequent.
pub(crate) const KINDS: [(&str, &str, &str); 12] = [
    ("login", "authentication", "start"),
    ("logout", "authentication", "end"),
    ("team_settings", "configuration", "change"),
    ("add_user", "iam", "creation"),
    ("user_api_key", "iam", "admin"),
    ("team_rule", "configuration", "change"),
    ("update_user_role", "iam", "change"),
    ("bugbot_settings", "configuration", "change"),
    ("remove_user", "iam", "deletion"),
    ("service_account", "iam", "admin"),
    ("protected_git_scope_access_check", "iam", "info"),
    ("mcp_server_config", "configuration", "change"),
];
pub(crate) const THINGS: [&str; 10] =
    ["postgres", "payments", "frontend", "billing", "sso", "warehouse", "mobile", "search", "infra", "docs"];
pub(crate) const TARGETS: [&str; 4] = ["ORGANIZATION", "SERVICE_ACCOUNT", "TEAM", "USER"];
pub(crate) const AREAS: [&str; 6] = ["api_key", "budget", "member", "security", "settings", "webhook"];
const CITIES: [(&str, &str, &str); 6] = [
    ("Madrid", "ES", "Spain"),
    ("Amsterdam", "NL", "Netherlands"),
    ("Zürich", "CH", "Switzerland"),
    ("Boston", "US", "United States"),
    ("São Paulo", "BR", "Brazil"),
    ("Tokyo", "JP", "Japan"),
];

/// A small generator of numbers (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// Below `n`; small numbers are more frequent.
    fn skewed(&mut self, n: u64) -> u64 {
        let (a, b) = (self.next() % n, self.next() % n);
        a.min(b)
    }
}

/// Writes `total` events, which go over a year.
pub(crate) fn write(total: u64, out: &mut impl Write) -> io::Result<()> {
    let mut numbers = Numbers(1);
    let mut line = String::new();
    for at in 0..total {
        line.clear();
        event(at, total, &mut numbers, &mut line);
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}

/// What an event of one source has beside what all have: dataset, and fields of its own.
fn own_fields(kind: u64, numbers: &mut Numbers, actor: u64, thing: &str) -> (&'static str, String) {
    let c = numbers.next();
    match kind {
        0 => {
            let target = TARGETS[(c % 4) as usize];
            let fields = format!(
                r#""promptfoo":{{"audit":{{"target":"{target}","target_id":"{thing}-{}","team_id":"team_{}"}}}}"#,
                c >> 8 & 0xff,
                actor % 100
            );
            ("promptfoo.audit", fields)
        }
        1 => {
            let area = AREAS[(c % 6) as usize];
            let fields = format!(
                r#""cencori":{{"audit":{{"category":"{area}","action":"changed","project":"team_{}","resource":{{"type":"{thing}","id":"{:x}"}}}}}}"#,
                actor % 100,
                c >> 8 & 0xfff
            );
            ("cencori.audit", fields)
        }
        _ => {
            let fields = format!(
                r#""cursor":{{"audit":{{"team_id":"team_{team}","actor_type":"user","application_type":"ide","privacy_mode":"enabled","setting_name":"{thing}_access","old_value":"{old}","new_value":"{new}","request_id":"{c:016x}","event_data":{{"repository":"example/{thing}","reason":"changed by dev{actor}","ticket":{ticket}}}}}}}"#,
                team = actor % 100,
                old = c & 1,
                new = c >> 1 & 1,
                ticket = c % 100_000,
            );
            ("cursor.audit", fields)
        }
    }
}

fn event(at: u64, total: u64, numbers: &mut Numbers, out: &mut String) {
    let time = START + (YEAR as f64 * at as f64 / total as f64) as i64 + (numbers.next() % 60_000) as i64;
    let time = Timestamp::from_millisecond(time).unwrap_or_default();
    let (action, category, kind) = KINDS[numbers.skewed(KINDS.len() as u64) as usize];
    let (actor, target) = (numbers.skewed(ACTORS), numbers.next() % ACTORS);
    let address = numbers.next() % ADDRESSES;
    let ip = format!("10.{}.{}.{}", address >> 16, address >> 8 & 255, address & 255);
    let (city, country, country_name) = CITIES[(address % CITIES.len() as u64) as usize];
    let thing = THINGS[numbers.skewed(THINGS.len() as u64) as usize];
    let outcome = if numbers.next().is_multiple_of(20) { "failure" } else { "success" };
    let (a, b, c) = (numbers.next(), numbers.next(), numbers.next());
    let id = format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48,
        b & 0xffff_ffff_ffff
    );
    let lat = (c % 18_000) as f64 / 100.0 - 90.0;
    let (dataset, own) = own_fields(c >> 16 & 7, numbers, actor, thing);
    let module = &dataset[..dataset.len() - ".audit".len()];
    // Writing to a String can not fail.
    let _infallible = writeln!(
        out,
        r#"{id}	{{"@timestamp":"{time}","ecs":{{"version":"9.3.0"}},"data_stream":{{"type":"logs","dataset":"{dataset}","namespace":"default"}},"event":{{"kind":"event","module":"{module}","provider":"{module}","dataset":"{dataset}","id":"{id}","action":"{action}","category":["{category}"],"type":["{kind}"],"outcome":"{outcome}","created":"{time}","ingested":"{time}"}},"message":"dev{actor} {action} on {thing}","user":{{"email":"dev{actor}@example.com","name":"dev{actor}","domain":"example.com","target":{{"email":"dev{target}@example.com","name":"dev{target}"}}}},"source":{{"address":"{ip}","ip":"{ip}","geo":{{"city_name":"{city}","country_iso_code":"{country}","country_name":"{country_name}","continent_name":"Somewhere","location":{{"lat":{lat},"lon":{lat}}}}},"as":{{"number":{asn},"organization":{{"name":"Documentation ASN {asn}"}}}}}},"related":{{"ip":["{ip}"],"user":["dev{actor}@example.com","dev{target}@example.com"]}},"organization":{{"id":"org-{org}"}},"user_agent":{{"original":"Mozilla/5.0 (X11; Linux x86_64) Cursor/{minor}.{patch}"}},{own},"tags":["forwarded","audit"]}}"#,
        asn = 64_496 + address % 16,
        org = actor % 20,
        minor = c % 4,
        patch = c >> 8 & 15,
    );
}
