//! Takes the built console into the binary: what `console/build.sh` left in `console/dist`, each file compressed. Without it the
//! binary says in the console's place how to build it.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

fn main() -> Result<(), Box<dyn Error>> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/dist");
    // The folder is always there, so that cargo looks again only when something in it changes.
    println!("cargo:rerun-if-changed={}", dist.display());
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let page = dist.join("index.html");
    let mut text = match page.try_exists()? {
        true => format!("pub(crate) const PAGE: Option<&str> = Some(include_str!({page:?}));\n"),
        false => "pub(crate) const PAGE: Option<&str> = None;\n".to_owned(),
    };
    text.push_str("pub(crate) const FILES: &[api::File] = &[\n");
    let mut files = Vec::new();
    if page.try_exists()? {
        collect(&dist, &dist, &mut files)?;
    }
    files.sort();
    for (number, path) in files.iter().enumerate() {
        let packed = out.join(format!("console-{number}.gz"));
        // No time in it: the same console makes the same binary.
        let file = fs::File::create(&packed)?;
        let mut writer = GzBuilder::new().mtime(0).write(file, Compression::best());
        std::io::copy(&mut fs::File::open(dist.join(path))?, &mut writer)?;
        writer.finish()?;
        writeln!(text, "    api::File {{ path: {path:?}, gzip: include_bytes!({packed:?}) }},")?;
    }
    text.push_str("];\n");
    fs::write(out.join("console.rs"), text)?;
    Ok(())
}

/// Paths of the files below a folder, without the page itself and what is hidden.
fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let relative = path.strip_prefix(root)?.to_str().ok_or("a file of the console has no UTF-8 name")?.to_owned();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if relative != "index.html" && !relative.starts_with('.') {
            files.push(relative);
        }
    }
    Ok(())
}
