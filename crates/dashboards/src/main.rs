//! Writes `dashboards/*.ndjson` from `dashboards/*.yml`.

use std::path::{Path, PathBuf};

use dashboards::{Definition, Fields, Generator};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let fields = Fields::read(&root.join("mappings/component_templates"))?;
    for entry in std::fs::read_dir(root.join("dashboards"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yml") {
            write(&path, &fields).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

fn write(path: &PathBuf, fields: &Fields) -> Result<(), Box<dyn std::error::Error>> {
    let definition: Definition = serde_saphyr::from_str(&std::fs::read_to_string(path)?)?;
    let ndjson = Generator { definition: &definition, fields }.ndjson()?;
    std::fs::write(path.with_extension("ndjson"), ndjson)?;
    Ok(())
}
