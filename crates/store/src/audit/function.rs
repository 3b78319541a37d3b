//! A function and what belongs to it, each with its own place in the trail. The id is always the function's.

use super::{Kind, Subject};
use crate::change::Change;
use crate::error::Error;

static OWNED: [Kind; 7] = [
    Kind {
        name: "Functions",
        rows: &[
            "SELECT project || ' ' || package || ' ' || name || ' ' || CAST(pinned AS TEXT) FROM functions WHERE func_id = $1",
            "SELECT config || ' ' || encrypted_user_data || ' ' || code_type || ' ' || filename || ' ' || sha256 FROM versions \
             WHERE func_id = $1 AND qualifier = 'latest'",
        ],
    },
    Kind {
        name: "FunctionVersions",
        rows: &[
            "SELECT qualifier || ' ' || description || ' ' || config || ' ' || encrypted_user_data || ' ' || sha256 FROM versions \
                 WHERE func_id = $1 AND qualifier <> 'latest' ORDER BY qualifier",
        ],
    },
    Kind {
        name: "FunctionVersionsAlias",
        rows: &[
            "SELECT name || ' ' || version || ' ' || COALESCE(additional, '') || ' ' || share || ' ' || description FROM aliases \
                 WHERE func_id = $1 ORDER BY name",
        ],
    },
    Kind {
        name: "Trigger",
        rows: &["SELECT t.id || ' ' || t.qualifier || ' ' || t.kind || ' ' || a.id || ' ' || a.definition \
                 FROM triggers t JOIN apis a ON a.id = t.api_id WHERE t.func_id = $1 ORDER BY t.id"],
    },
    Kind {
        name: "ReservedInstances",
        rows: &[
            "SELECT qualifier || ' ' || CAST(count AS TEXT) || ' ' || CAST(idle_mode AS TEXT) || ' ' || policies FROM reserves \
                 WHERE func_id = $1 ORDER BY qualifier",
        ],
    },
    Kind {
        name: "FunctionEvents",
        rows: &["SELECT id || ' ' || name || ' ' || content FROM test_events WHERE func_id = $1 ORDER BY id"],
    },
    Kind { name: "FunctionTags", rows: &["SELECT name || ' ' || value FROM tags WHERE func_id = $1 ORDER BY name"] },
];

/// What is done from here on to the function, or to what belongs to it, is written down when the change is committed.
pub(crate) async fn touch(change: &mut Change, func_id: &str, name: &str) -> Result<(), Error> {
    for kind in &OWNED {
        change.touch(Subject::new(kind, func_id, name)).await?;
    }
    Ok(())
}
