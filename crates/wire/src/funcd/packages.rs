//! Packages, for whoever has a link to one.

use crate::Operation;

/// Not signed: the token, part of the link that `func_code.link` gives, says which package may be read and until when. Answers the
/// package as it was uploaded.
pub const DOWNLOAD: Operation = Operation::get("DownloadPackage", "/funcd/packages/{token}/{filename}");
