//! The package of a function whose owner sends no code: a page that says that it works, as the vendor's console makes one.

use std::io::{Cursor, Write as _};

use bytes::Bytes;
use runtimes::Runtimes;
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

/// A language the sample is written in.
struct Sample {
    /// Runtimes it runs on, the best first.
    runtimes: &'static [&'static str],
    bootstrap: &'static str,
    file: (&'static str, &'static str),
}

const SAMPLES: [Sample; 2] = [
    Sample {
        runtimes: &["nodejs20.15", "nodejs18.15", "nodejs16.17", "nodejs14.18", "nodejs12.13"],
        bootstrap: include_str!("sample/bootstrap.node"),
        file: ("index.js", include_str!("sample/index.js")),
    },
    Sample {
        runtimes: &["python3.12", "python3.10", "python3.9"],
        bootstrap: include_str!("sample/bootstrap.python"),
        file: ("index.py", include_str!("sample/index.py")),
    },
];

/// The sample for a runtime that is installed, so that nothing has to be fetched for it; else for the first of all. The same
/// bytes each time.
pub(super) fn package(runtimes: &Runtimes) -> ZipResult<Bytes> {
    let all = || SAMPLES.iter().flat_map(|sample| sample.runtimes.iter().map(move |runtime| (sample, *runtime)));
    let chosen = all().find(|(_, runtime)| runtimes.is_installed(runtime)).or_else(|| all().next());
    chosen.map_or_else(|| Ok(Bytes::new()), |(sample, runtime)| zip(sample, runtime))
}

fn zip(sample: &Sample, runtime: &str) -> ZipResult<Bytes> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.start_file("bootstrap", options.unix_permissions(0o755))?;
    writer.write_all(sample.bootstrap.replace("RUNTIME/", &format!("{runtime}/")).as_bytes())?;
    let (name, text) = sample.file;
    writer.start_file(name, options.unix_permissions(0o644))?;
    writer.write_all(text.as_bytes())?;
    Ok(writer.finish()?.into_inner().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_sample_is_a_package_that_names_its_runtime() {
        let home = tempfile::tempdir().unwrap();
        let config = store::Config {
            data_dir: home.path().to_owned(),
            key: auth::seal::Key::generate(),
            region: "local-1".into(),
            functions: 1,
            compile: store::Compile::default(),
        };
        let store = store::Store::open(config).await.unwrap();
        for (sample, runtime) in SAMPLES.iter().flat_map(|sample| sample.runtimes.iter().map(move |id| (sample, id))) {
            let code = store.put_code(zip(sample, runtime).unwrap(), "inline", "index.zip").await.unwrap();
            let text = std::fs::read(code.root.join("bootstrap")).unwrap();
            assert_eq!(Runtimes::named_in(&text).into_iter().collect::<Vec<_>>(), [*runtime]);
            assert!(code.root.join(sample.file.0).is_file());
        }
    }

    #[test]
    fn the_sample_is_the_same_each_time() {
        let runtimes = Runtimes::open(tempfile::tempdir().unwrap().path()).unwrap();
        assert_eq!(package(&runtimes).unwrap(), package(&runtimes).unwrap());
    }
}
