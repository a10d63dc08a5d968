//! Credentials, privileges, TLS and the limits of a real Elasticsearch.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod batches;

use std::path::Path;
use std::process::Command;

use batches::{batch, config, sink};
use elasticsearch_sink::{
    ElasticsearchConfig, ElasticsearchSink, Finding, Grade, Secret, Setup, SetupOptions, SslConfig, check,
    setup,
};
use event::{DeliverError, Destination, DocumentBatch, Verdict};
use serde_json::{Value, json};
use testkit::Unavailable;
use testkit::servers::{Node, elasticsearch};

const STREAM: &str = "logs-cursor.audit-default";

fn documents(ids: &[String], text: &str) -> DocumentBatch {
    let source = json!({"@timestamp": "2026-01-01T00:00:00Z", "message": text});
    batch(STREAM, ids.iter().map(|id| (id.as_str(), source.clone())))
}

fn one(id: &str) -> DocumentBatch {
    documents(&[id.to_owned()], "x")
}

async fn set_up(config: &ElasticsearchConfig) {
    let setup = Setup::new(config, SetupOptions::default()).unwrap();
    let plan = setup.plan().await.unwrap();
    setup.apply(&plan).await.unwrap();
}

fn failures(findings: &[Finding]) -> Vec<&str> {
    let failed = findings.iter().filter(|finding| finding.grade == Grade::Failure);
    failed.map(|finding| finding.message.as_str()).collect()
}

fn as_admin(url: &str) -> ElasticsearchConfig {
    ElasticsearchConfig {
        username: Some("admin".into()),
        password: Some(Secret::new("secret-123")),
        ..config(url)
    }
}

/// A key of Elasticsearch for a request body of `POST /_security/api_key`, in the form of its `encoded`.
async fn key(node: &Node, body: &Value) -> Secret {
    let answer = node.client().post("_security/api_key", body).await.unwrap();
    Secret::new(answer["encoded"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_roles_are_enough_and_no_more() {
    let node = testkit::require!(elasticsearch().security("admin", "secret-123").start());
    let url = node.url();
    let roles = setup::roles();
    let with_key = |key| ElasticsearchConfig { api_key: Some(key), ..config(url) };

    let wrong = ElasticsearchConfig { password: Some(Secret::new("wrong")), ..as_admin(url) };
    let told = ElasticsearchSink::new(&wrong).unwrap().deliver(&one("a")).await.unwrap_err();
    assert!(
        matches!(&told, DeliverError::Fatal(words) if words.contains("401") && !words.contains("wrong")),
        "{told}"
    );
    assert!(failures(&check(&wrong, &["cursor.audit"]).await.unwrap())[0].contains("401"));

    set_up(&with_key(key(&node, &roles["setup"]).await)).await;

    let run = with_key(key(&node, &roles["run"]).await);
    let sink = ElasticsearchSink::new(&run).unwrap();
    assert_eq!(sink.deliver(&one("a")).await.unwrap().verdicts, [Verdict::Created]);
    assert_eq!(sink.deliver(&one("a")).await.unwrap().verdicts, [Verdict::AlreadyThere]);
    assert_eq!(failures(&check(&run, &["cursor.audit"]).await.unwrap()), [""; 0]);
    // behind a rollover, too, where the server itself would take it again
    node.client().post(&format!("{STREAM}/_rollover"), &Value::Null).await.unwrap();
    let again = ElasticsearchSink::new(&run).unwrap().deliver(&one("a")).await.unwrap();
    assert_eq!(again.verdicts, [Verdict::AlreadyThere]);
    let pipelines = vec![("trailcar-test".to_owned(), json!({"processors": []}))];
    let setup = Setup::new(&run, SetupOptions { pipelines, ..Default::default() }).unwrap();
    let told = setup.plan().await.unwrap_err().to_string();
    assert!(told.contains("refused (403)") && told.contains("--print-role"), "{told}");

    // a key that may only write delivers, but sees nothing that is there
    let mut blind = roles["run"].clone();
    blind["role_descriptors"]["trailcar_run"]["indices"][0]["privileges"] =
        json!(["auto_configure", "create_doc"]);
    let blind = with_key(key(&node, &blind).await);
    let again = ElasticsearchSink::new(&blind).unwrap().deliver(&one("a")).await.unwrap();
    assert_eq!(again.verdicts, [Verdict::Created]);
    let told = check(&blind, &["cursor.audit"]).await.unwrap();
    assert!(
        failures(&told).is_empty()
            && told.iter().any(|finding| {
                finding.grade == Grade::Warning
                    && finding.message.contains("lack read and view_index_metadata")
            }),
        "{told:?}"
    );

    let elsewhere = json!({"name": "x", "role_descriptors": {"x": {
        "indices": [{"names": ["other-*"], "privileges": ["create_doc"]}]}}});
    let elsewhere = with_key(key(&node, &elsewhere).await);
    let told = ElasticsearchSink::new(&elsewhere).unwrap().deliver(&one("b")).await.unwrap_err();
    assert!(matches!(&told, DeliverError::Fatal(words) if words.contains("create_doc")), "{told}");
    let findings = check(&elsewhere, &["cursor.audit"]).await.unwrap();
    assert!(
        failures(&findings)[0].contains("create_doc and auto_configure on logs-cursor.audit-default"),
        "{findings:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_little_at_once_gets_little_at_once() {
    let node = testkit::require!(elasticsearch().setting("http.max_content_length", "1mb").start());
    set_up(&config(node.url())).await;
    let ids: Vec<String> = (0..100).map(|n| format!("id{n}")).collect();
    let large = documents(&ids, &"many words ".repeat(5_000));
    let verdicts = sink(node.url()).deliver(&large).await.unwrap().verdicts;
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Created), "{verdicts:?}");
    let alone = sink(node.url()).deliver(&documents(&["z".to_owned()], &"x".repeat(2 << 20))).await.unwrap();
    assert!(matches!(alone.verdicts[..], [Verdict::Rejected { status: 413, .. }]), "{alone:?}");
    assert_eq!(node.client().count(STREAM).await.unwrap(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_gets_every_document_in_the_end() {
    let node = testkit::require!(
        elasticsearch().setting("thread_pool.write.queue_size", "1").setting("node.processors", "1").start()
    );
    set_up(&config(node.url())).await;
    let sink = std::sync::Arc::new(sink(node.url()));
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..16 {
        let sink = std::sync::Arc::clone(&sink);
        senders.spawn(async move {
            let ids: Vec<String> = (0..200).map(|n| format!("{sender}-{n}")).collect();
            let batch = documents(&ids, &"words ".repeat(100));
            loop {
                match sink.deliver(&batch).await {
                    Ok(receipt) => break receipt.verdicts,
                    Err(DeliverError::Retry(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
    }
    let verdicts: Vec<Verdict> = senders.join_all().await.concat();
    assert_eq!(verdicts.len(), 3200);
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Created));
    assert_eq!(node.client().count(STREAM).await.unwrap(), 3200);
}

/// A CA and a certificate of it for 127.0.0.1, by openssl.
fn certificates(dir: &Path) -> Result<(), Unavailable> {
    let unavailable = |why: String| Unavailable {
        what: "a certificate made with openssl".to_owned(),
        cure: format!("apt-get install openssl ({why})"),
    };
    std::fs::write(dir.join("names"), "subjectAltName=IP:127.0.0.1")
        .map_err(|error| unavailable(error.to_string()))?;
    for command in [
        "req -x509 -newkey rsa:2048 -nodes -subj /CN=test-ca -days 2 -keyout ca.key -out ca.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=node -keyout node.key -out node.csr",
        "x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out node.pem",
    ] {
        let made = Command::new("openssl").args(command.split(' ')).current_dir(dir).output();
        let made = made.map_err(|error| unavailable(error.to_string()))?;
        if !made.status.success() {
            return Err(unavailable(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_checked_and_its_troubles_are_named() {
    let dir = tempfile::tempdir().unwrap();
    testkit::require!(certificates(dir.path()));
    let file = |name: &str| dir.path().join(name);
    let node = testkit::require!(
        elasticsearch()
            .security("admin", "secret-123")
            .setting("xpack.security.http.ssl.enabled", "true")
            .setting("xpack.security.http.ssl.key", file("node.key").to_str().unwrap())
            .setting("xpack.security.http.ssl.certificate", file("node.pem").to_str().unwrap())
            .start()
    );
    let url = node.url().replace("http://", "https://");
    let trusting = |url: &str, ca: &str| ElasticsearchConfig {
        ssl: SslConfig { certificate_authorities: vec![file(ca)], ..Default::default() },
        ..as_admin(url)
    };
    set_up(&trusting(&url, "ca.pem")).await;
    let sink = ElasticsearchSink::new(&trusting(&url, "ca.pem")).unwrap();
    assert_eq!(sink.deliver(&one("a")).await.unwrap().verdicts, [Verdict::Created]);

    let by_name = url.replace("127.0.0.1", "localhost");
    let open = url.replace("https://", "http://");
    for (config, cure) in [
        (as_admin(&url), "ssl.certificate_authorities"),
        (trusting(&by_name, "ca.pem"), "another host name"),
        (trusting(&open, "ca.pem"), "https://"),
    ] {
        let findings = check(&config, &["cursor.audit"]).await.unwrap();
        assert!(failures(&findings)[0].contains(cure), "{findings:?}");
    }
    let told = ElasticsearchSink::new(&trusting(&url, "no-such.pem")).unwrap_err().to_string();
    assert!(told.starts_with("output.elasticsearch.ssl.certificate_authorities: "), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_server_loses_and_doubles_nothing() {
    let mut node = testkit::require!(elasticsearch().start());
    set_up(&config(node.url())).await;
    let sink = std::sync::Arc::new(sink(node.url()));
    let sender = tokio::spawn({
        let sink = std::sync::Arc::clone(&sink);
        async move {
            let (mut created, mut troubles) = (0, 0);
            for round in 0..40 {
                let ids: Vec<String> = (0..100).map(|n| format!("{round}-{n}")).collect();
                let batch = documents(&ids, "words");
                let verdicts = loop {
                    match sink.deliver(&batch).await {
                        Ok(receipt) => break receipt.verdicts,
                        Err(_) => troubles += 1,
                    }
                };
                created += verdicts.iter().filter(|verdict| **verdict == Verdict::Created).count();
            }
            (created, troubles)
        }
    });
    node.kill9();
    testkit::require!(node.restart());
    let (created, troubles) = sender.await.unwrap();
    assert_eq!(created, 4000);
    assert!(troubles > 0);
    assert_eq!(node.client().count(STREAM).await.unwrap(), 4000);
}
