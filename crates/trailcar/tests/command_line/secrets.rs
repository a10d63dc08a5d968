//! Secrets stay secret, whatever goes wrong.

use std::net::TcpListener;

use crate::place::{Place, events};

/// Parts of secrets, as they are and as a request carries them.
const CANARIES: [&str; 3] = ["c4n4ry", "YzRuNHJ5", "YTpjNG40cnk"];

/// Every way of giving a secret, right and wrong.
const OUTPUTS: [&str; 9] = [
    "api_key: 'a:c4n4ry-in-line'",
    "api_key: c4n4ry-cut-off",
    "api_key: [c4n4ry]",
    "api_key: ${CANARY}",
    "api_key_file: key",
    "{username: u, password: c4n4ry}",
    "{username: c4n4ry, api_key: 'a:c4n4ry'}",
    "hots: https://u:c4n4ry@es",
    "hosts: https://u:c4n4ry@127.0.0.1:9",
];

#[test]
fn no_command_shows_a_secret() {
    // A server that takes connections and says nothing sensible.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream);
        }
    });
    for output in OUTPUTS {
        let lines = output.trim_matches(['{', '}']).replace(", ", "\n    ");
        let hosts =
            if output.contains("hosts") { String::new() } else { format!("\n    hosts: http://{address}") };
        let place = Place::with(&format!(
            "sources: [{{type: files, dataset: cursor.audit, paths: a.jsonl}}]
output:
  elasticsearch:
    {lines}{hosts}
    timeout: 1s
    backoff: {{init: 1ms, max: 2ms}}
users:
- {{name: a, role: owner, token: c4n4ry-0123456789abcdef0123456789abcdef0123456789}}
- {{name: b, role: admin, token: '${{CANARY}}-0123456789abcdef0123456789abcdef0123456789'}}
- {{name: c, role: member, token_file: user_token}}
logging: {{level: trace}}
"
        ));
        place.write("key", "a:c4n4ry-in-a-file\n");
        place.write("user_token", "c4n4ry-too-short");
        place.write("a.jsonl", events(0..2));
        for command in [
            &["check"][..],
            &["setup"],
            &["run", "--once", "--wait=100ms"],
            &["import", "--wait=100ms", "a.jsonl"],
        ] {
            let said = place.command(command).env("CANARY", "a:c4n4ry-in-the-environment").output().unwrap();
            assert_eq!(said.status.code(), Some(1), "{output} {command:?}");
            let told =
                format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
            assert!(!told.is_empty());
            for canary in CANARIES {
                // A user name is no secret.
                let told = told.replace("username: c4n4ry", "");
                assert!(!told.contains(canary), "{output} {command:?}:\n{told}");
            }
        }
    }
}
