//! `/etc`: written by us, plus read-only views of what runtimes and their libraries look up.

use crate::error::Step;
use crate::ids::USER;
use crate::{Egress, Error, egress, mounts};
use std::path::Path;

/// Shown as they are on the host, where they exist: certificates, the loader's cache, alternatives, zones, type and port
/// tables, and the folders into which distributions move the configuration of runtimes.
const SHOWN: [&str; 27] = [
    "ImageMagick-6",
    "alternatives",
    "ca-certificates",
    "ca-certificates.conf",
    "debian_version",
    "fonts",
    "gai.conf",
    "host.conf",
    "java-11-openjdk",
    "java-17-openjdk",
    "java-21-openjdk",
    "java-8-openjdk",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "locale.alias",
    "localtime",
    "magic",
    "mime.types",
    "perl",
    "php",
    "pki",
    "protocols",
    "python3",
    "services",
    "ssl",
    "timezone",
];

/// Written when the skeleton is made; the same for every instance.
fn fixed() -> [(&'static str, String); 5] {
    [
        (
            "passwd",
            format!(
                "root:x:0:0:root:/root:/usr/sbin/nologin\nsnuser:x:{USER}:{USER}:snuser:/home/snuser:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
            ),
        ),
        ("group", format!("root:x:0:\nsnuser:x:{USER}:\nnogroup:x:65534:\n")),
        (
            "nsswitch.conf",
            "passwd: files\ngroup: files\nhosts: files dns\nnetworks: files\nprotocols: files\nservices: files\n"
                .to_owned(),
        ),
        ("shells", "/bin/sh\n/bin/bash\n".to_owned()),
        ("profile", "export PATH=\"${PATH:-/usr/local/bin:/usr/bin:/bin}\"\n".to_owned()),
    ]
}

/// Makes `root/etc`.
pub(crate) fn build(root: &Path) -> Result<(), Error> {
    let etc = root.join("etc");
    for (name, text) in fixed() {
        write(&etc.join(name), &text)?;
    }
    std::os::unix::fs::symlink("../usr/lib/os-release", etc.join("os-release")).step(|| "link /etc/os-release")?;
    std::os::unix::fs::symlink("/proc/mounts", etc.join("mtab")).step(|| "link /etc/mtab")?;
    for name in SHOWN {
        let (host, inside) = (Path::new("/etc").join(name), etc.join(name));
        // Follows links: /etc/localtime is one, to a file below /usr.
        match std::fs::metadata(&host) {
            Ok(found) if found.is_dir() => mounts::make_dirs(&inside)?,
            Ok(_) => write(&inside, "")?,
            Err(_) => continue,
        }
        mounts::show(&host, &inside, false)?;
    }
    Ok(())
}

/// What the next two change, so that the files exist.
pub(crate) fn prepare(egress: Egress) -> Result<(), Error> {
    finish("localhost")?;
    resolve(egress)
}

/// What depends on the instance. The root is still writable, and is `/` already.
pub(crate) fn finish(hostname: &str) -> Result<(), Error> {
    let hosts = format!("127.0.0.1\tlocalhost {hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    write(Path::new("/etc/hosts"), &hosts)?;
    write(Path::new("/etc/hostname"), &format!("{hostname}\n"))
}

/// Who answers names.
pub(crate) fn resolve(egress: Egress) -> Result<(), Error> {
    write(Path::new("/etc/resolv.conf"), &egress::resolver(egress))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).step(|| format!("write {}", path.display()))
}
