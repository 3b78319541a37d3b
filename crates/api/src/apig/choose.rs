//! Which items of a list a query asks for.

use crate::query::Query;

/// Whether an item has exactly what a parameter asks for.
pub(super) fn wanted(query: &Query, parameter: &str, value: &str) -> bool {
    query.text(parameter).is_none_or(|wanted| wanted == value)
}

/// The same of a name, of which a part is enough, unless `precise_search` lists the parameter.
pub(super) fn named(query: &Query, parameter: &str, value: &str) -> bool {
    let precise = query.text("precise_search").is_some_and(|names| names.split(',').any(|name| name == parameter));
    query.text(parameter).is_none_or(|wanted| if precise { wanted == value } else { value.contains(wanted) })
}
