//! `funcd template`.

use std::fs::{self, OpenOptions};
use std::io::{self, Cursor, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use wire::fgs::templates::{self, ListTemplatesResponse, Template};

use super::Context;
use crate::client::Call;
use crate::output::{Table, escape};

/// Bytes a template may have, far more than any does.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Options of `funcd template`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// List the templates.
    #[command(after_help = "Examples:\n  funcd template list\n  funcd template list --json | jq -r '.[].id'")]
    List,
    /// Write a template into a new folder, ready to be changed and deployed.
    #[command(after_help = "Examples:
  funcd template new nodejs-http ./shop
  funcd deploy ./shop")]
    New {
        /// Id of the template, as `funcd template list` shows it.
        #[arg(value_name = "TEMPLATE")]
        id: String,
        /// Folder to make [default: the template's id].
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::List => list(context),
        Command::New { id, folder } => new(context, id, folder.as_deref().unwrap_or(Path::new(id))),
    }
}

fn list(context: &Context<'_>) -> Result<()> {
    let page: ListTemplatesResponse = context.client()?.call(templates::LIST, Call::of(&[]))?;
    let mut table = Table::new(&["TEMPLATE", "FOR", "WHAT IT DOES"]);
    for template in &page.func_templates {
        table.row([template.id.as_str(), &template.scene, &template.description]);
    }
    context.output.data(&page.func_templates, || table.text())
}

fn new(context: &Context<'_>, id: &str, folder: &Path) -> Result<()> {
    let template: Template = context.client()?.call(templates::SHOW, Call::of(&[id]))?;
    let code = template.code.as_deref().context("the service sent a template without code")?;
    let zip = STANDARD.decode(code).context("the service sent a template that is not base64")?;
    fs::create_dir(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let names = unpack(&zip, folder)?;
    if !template.temp_detail.warning.is_empty() {
        context.output.note(&escape(&template.temp_detail.warning));
    }
    context.output.note(&format!("next: funcd deploy {}", folder.display()));
    let shown = folder.display().to_string();
    context.output.data(&json!({ "folder": shown, "template": template.id, "files": names }), || shown.clone())
}

/// Writes the members below the folder, which is new and ours; the names are the service's, so they are looked at.
fn unpack(zip: &[u8], folder: &Path) -> Result<Vec<String>> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(zip)).context("the service sent a template that is not a zip")?;
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index(index)?;
        let name = member.name()?.into_owned();
        let plain = !name.is_empty() && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !plain || name.contains(['\\', '\0']) || member.is_symlink() {
            bail!("the service sent a template with the file '{}', which is not written", escape(&name));
        }
        let mode = if member.unix_mode().unwrap_or_default() & 0o111 == 0 { 0o644 } else { 0o755 };
        let path = folder.join(&name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
        let copied = io::copy(&mut member.take(LARGEST), &mut file)?;
        file.flush()?;
        if copied == LARGEST {
            bail!("the service sent a template with a file of {LARGEST} bytes or more");
        }
        names.push(name);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::write::SimpleFileOptions;

    fn zip_of(files: &[(&str, u32)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, mode) in files {
            writer.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode)).unwrap();
            writer.write_all(name.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_template_becomes_files_with_their_modes() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let names = unpack(&zip_of(&[("bootstrap", 0o755), ("lib/a.js", 0o644)]), home.path()).unwrap();
        assert_eq!(names, ["bootstrap", "lib/a.js"]);
        let mode = |name: &str| fs::metadata(home.path().join(name)).unwrap().permissions().mode() & 0o111;
        assert_ne!(mode("bootstrap"), 0);
        assert_eq!(mode("lib/a.js"), 0);
        assert_eq!(fs::read_to_string(home.path().join("lib/a.js")).unwrap(), "lib/a.js");
    }

    #[test]
    fn nothing_is_written_elsewhere() {
        for name in ["../up", "a/../../up", "/up", "a//b", "a\\b"] {
            let home = tempfile::tempdir().unwrap();
            let error = unpack(&zip_of(&[(name, 0o644)]), home.path()).unwrap_err();
            assert!(error.to_string().contains("is not written"), "{name}: {error}");
        }
    }
}
