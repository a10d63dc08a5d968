//! Writes the sample databases: `cargo run -p enrich --example sample_databases -- [DIRECTORY]`.

#[path = "../tests/sampler/mod.rs"]
mod sampler;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../geoip-samples").to_owned();
    let directory = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or(default));
    std::fs::create_dir_all(&directory)?;
    for (name, bytes) in sampler::databases()? {
        std::fs::write(directory.join(name), bytes)?;
    }
    Ok(())
}
