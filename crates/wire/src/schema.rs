//! Compares structs and operations with an OpenAPI document.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::Operation;

/// A document of `spec/`.
pub(crate) struct Specification {
    document: Value,
    /// The schemas that something was compared with.
    compared: RefCell<BTreeSet<String>>,
}

/// How much of a schema a struct has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Every field.
    Whole,
    /// What there is anything to say about, of answers what the schema requires with them.
    Part,
}

impl Specification {
    pub(crate) fn read(text: &str) -> Self {
        Self { document: serde_json::from_str(text).unwrap(), compared: RefCell::default() }
    }

    /// The properties of a schema.
    pub(crate) fn properties(&self, schema: &str) -> BTreeSet<&str> {
        let properties = &self.document["components"]["schemas"][schema]["properties"];
        properties.as_object().unwrap_or_else(|| panic!("no schema {schema}")).keys().map(String::as_str).collect()
    }

    /// The struct's fields are those of the schemas, which are shapes of one thing, but for `extra` (ours only); their kinds are the
    /// same.
    #[track_caller]
    pub(crate) fn check<T: for<'de> Deserialize<'de>>(&self, schemas: &[&str], extra: &[&str], cover: Cover) {
        let kinds = crate::fields::kinds::kinds::<T>();
        assert!(!kinds.is_empty(), "{schemas:?}: no struct");
        let ours: BTreeSet<&str> = kinds.keys().copied().collect();
        let theirs: BTreeSet<&str> = schemas.iter().flat_map(|schema| self.properties(schema)).collect();
        let mut unknown: BTreeSet<&str> = ours.difference(&theirs).copied().collect();
        for name in extra {
            assert!(unknown.remove(name), "{name} is no field of ours alone beside {schemas:?}");
        }
        assert!(unknown.is_empty(), "not in {schemas:?}: {unknown:?}");
        let needed = match cover {
            Cover::Whole => theirs,
            Cover::Part => schemas.iter().flat_map(|schema| self.required(schema)).collect(),
        };
        assert!(needed.is_subset(&ours), "only in {schemas:?}: {:?}", needed.difference(&ours));
        for schema in schemas {
            self.check_kinds(schema, &kinds);
            self.compared.borrow_mut().insert((*schema).to_owned());
        }
    }

    /// The same, by its names alone, of a struct that is put together of others.
    #[track_caller]
    pub(crate) fn check_names(&self, schema: &str, ours: &BTreeSet<&str>) {
        assert_eq!(*ours, self.properties(schema), "{schema}");
        self.compared.borrow_mut().insert(schema.to_owned());
    }

    fn required(&self, schema: &str) -> BTreeSet<&str> {
        let required = self.document["components"]["schemas"][schema]["required"].as_array();
        required.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    #[track_caller]
    fn check_kinds(&self, schema: &str, ours: &BTreeMap<&str, &str>) {
        for (name, property) in self.document["components"]["schemas"][schema]["properties"].as_object().unwrap() {
            let Some(kind) = ours.get(name.as_str()) else { continue };
            let referred =
                property["$ref"].as_str().and_then(|path| self.document.pointer(path.trim_start_matches('#')));
            let theirs = referred.unwrap_or(property)["type"].as_str().unwrap_or("any");
            let same = *kind == "any" || theirs == "any" || *kind == theirs || (*kind, theirs) == ("integer", "number");
            assert!(same, "{schema}.{name} is of type {theirs} in the specification, {kind} here");
        }
    }

    /// The operation stands where the document says.
    #[track_caller]
    pub(crate) fn check_operation(&self, operation: &Operation) {
        let theirs = &self.document["paths"][operation.path][operation.method.to_lowercase()]["operationId"];
        assert_eq!(theirs, operation.id, "{} {}", operation.method, operation.path);
    }

    /// The names of all operations.
    pub(crate) fn operations(&self) -> BTreeSet<&str> {
        let methods =
            self.document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
        methods.map(|operation| operation["operationId"].as_str().unwrap()).collect()
    }

    /// The schemas that nothing was compared with so far.
    pub(crate) fn left(&self) -> BTreeSet<&str> {
        let all = self.document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str);
        let compared = self.compared.borrow();
        all.filter(|schema| !compared.contains(*schema)).collect()
    }
}
