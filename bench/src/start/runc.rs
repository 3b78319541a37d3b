//! The same function by `runc run`, in a bundle with the same files, limits and namespaces.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Bare, LISTEN, POLL, Start, answered, connect, inside};
use crate::Setup;
use crate::functions::{Function, Mount};
use crate::process;

const CODE: &str = "/opt/function/code";

/// A bundle that can be run again and again.
#[derive(Debug)]
pub(crate) struct Bundle {
    folder: PathBuf,
}

impl Bundle {
    /// Read-only binds of the host's programs, the code and the runtime; a fresh `/tmp`; as user 1003 without capabilities.
    pub(crate) fn make(setup: &Setup, function: &Function) -> Result<Self> {
        let folder = crate::functions::scratch(setup, &format!("bundle-{}", function.name))?;
        let mut mounts = vec![Mount { source: function.folder.clone(), target: CODE.into() }];
        mounts.extend(function.mounts(setup)?);
        let root = folder.join("rootfs");
        for inside in ["proc", "dev", "tmp", "usr", "etc"] {
            fs::create_dir_all(root.join(inside))?;
        }
        // runc gives a tmpfs the mode of the folder below it.
        fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777))?;
        for mount in &mounts {
            fs::create_dir_all(root.join(mount.target.strip_prefix("/")?))?;
        }
        mounts.extend(["/usr", "/etc"].map(|path| Mount { source: path.into(), target: path.into() }));
        for link in ["bin", "sbin", "lib", "lib64"] {
            match fs::read_link(Path::new("/").join(link)) {
                Ok(target) if fs::symlink_metadata(root.join(link)).is_err() => symlink(target, root.join(link))?,
                Ok(_) => {}
                Err(_) => mounts.push(host_folder(&root, link)?),
            }
        }
        fs::write(folder.join("config.json"), config(&mounts).to_string())?;
        Ok(Self { folder })
    }

    /// One start; the container is killed when the [`Bare`] is dropped.
    pub(crate) fn start(&self, number: usize) -> Result<(Start, Bare)> {
        let said = || fs::read_to_string(self.folder.join("output.log")).unwrap_or_default();
        self.run(number).with_context(|| format!("runc: {}", said()))
    }

    fn run(&self, number: usize) -> Result<(Start, Bare)> {
        // Never twice: a round that is taken again has the same number.
        static STARTS: AtomicUsize = AtomicUsize::new(0);
        let start = STARTS.fetch_add(1, Ordering::Relaxed);
        let name = format!("funcd-bench-{}-{start}", std::process::id());
        let pid_file = self.folder.join(format!("{number}.pid"));
        let mut command = Command::new("runc");
        command.arg("--root").arg(self.folder.join("state")).args(["run", "--pid-file"]).arg(&pid_file);
        command.arg("--bundle").arg(&self.folder).arg(name);
        let log = fs::File::create(self.folder.join("output.log"))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let began = Instant::now();
        let mut bare = Bare { child: command.spawn().context("cannot start runc")?, connection: None };
        let pid = self.pid(&mut bare, &pid_file)?;
        let namespace = PathBuf::from(format!("/proc/{pid}/ns/net"));
        let connection = inside(&namespace, || connect(LISTEN, began, || bare.ended()))?;
        answered(&mut bare.connection, connection, "/")?;
        let first_byte = began.elapsed().as_secs_f64();
        let tree = process::tree(bare.pid())?;
        Ok((Start { first_byte, cpu: process::cpu_exact(&tree) + process::cpu_of_ended_children(&tree) }, bare))
    }

    fn pid(&self, bare: &mut Bare, file: &Path) -> Result<u32> {
        let mut pid = None;
        process::wait_for(Duration::from_secs(10), POLL, || {
            bare.ended()?;
            pid = fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
            Ok(pid.is_some())
        })?;
        fs::remove_file(file)?;
        pid.context("runc wrote no process id")
    }
}

fn host_folder(root: &Path, name: &str) -> Result<Mount> {
    fs::create_dir_all(root.join(name))?;
    let path = Path::new("/").join(name);
    Ok(Mount { source: path.clone(), target: path })
}

/// Without a user namespace and without seccomp, which funcd's sandbox has and which would only make this slower.
fn config(mounts: &[Mount]) -> Value {
    let binds = mounts.iter().map(|Mount { source, target }| {
        json!({ "destination": target, "source": source, "type": "bind", "options": ["rbind", "ro", "nosuid", "nodev"] })
    });
    let fixed = [
        json!({ "destination": "/proc", "type": "proc", "source": "proc" }),
        json!({ "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"] }),
        json!({ "destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=1777", "size=512m"] }),
    ];
    let namespaces = ["pid", "network", "ipc", "uts", "mount", "cgroup"].map(|kind| json!({ "type": kind }));
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false,
            "user": { "uid": 1003, "gid": 1003 },
            "args": ["/bin/bash", format!("{CODE}/bootstrap")],
            "env": [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME=/tmp", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC", format!("RUNTIME_CODE_ROOT={CODE}"),
            ],
            "cwd": CODE,
            "capabilities": {},
            "noNewPrivileges": true,
        },
        "root": { "path": "rootfs", "readonly": true },
        "hostname": "bench",
        "mounts": fixed.into_iter().chain(binds).collect::<Vec<_>>(),
        "linux": {
            "namespaces": namespaces,
            "resources": { "memory": { "limit": 4_u64 << 30 }, "pids": { "limit": 1024 } },
        },
    })
}

#[cfg(test)]
mod tests;
