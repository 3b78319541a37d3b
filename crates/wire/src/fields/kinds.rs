//! What kind of JSON value each field of a struct takes, as its `Deserialize` says; for tests against a schema.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::fields;

/// A kind of JSON value by the schema's name for it; `any` where the field looks at the value itself.
pub(crate) fn kinds<'de, T: Deserialize<'de>>() -> BTreeMap<&'static str, &'static str> {
    let kind = |name| match T::deserialize(OneField(name)) {
        Err(Found(kind)) => kind,
        // It took the value without asking for a kind.
        Ok(_) => "any",
    };
    fields::<T>().iter().map(|name| (*name, kind(name))).collect()
}

/// The kind that was asked for.
#[derive(Debug)]
struct Found(&'static str);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Found {}

impl serde::de::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("any")
    }
}

/// An object with one field.
struct OneField(&'static str);

impl<'de> Deserializer<'de> for OneField {
    type Error = Found;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for OneField {
    type Error = Found;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Found> {
        let name: StrDeserializer<'_, Found> = self.0.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Found> {
        seed.deserialize(Asked)
    }
}

/// Has no value, but says what was asked for.
struct Asked;

macro_rules! ask {
    ($($method:ident => $kind:literal),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
            Err(Found($kind))
        })*
    };
}

impl<'de> Deserializer<'de> for Asked {
    type Error = Found;

    ask! {
        deserialize_any => "any",
        deserialize_ignored_any => "any",
        deserialize_identifier => "any",
        deserialize_unit => "any",
        deserialize_bool => "boolean",
        deserialize_i8 => "integer",
        deserialize_i16 => "integer",
        deserialize_i32 => "integer",
        deserialize_i64 => "integer",
        deserialize_i128 => "integer",
        deserialize_u8 => "integer",
        deserialize_u16 => "integer",
        deserialize_u32 => "integer",
        deserialize_u64 => "integer",
        deserialize_u128 => "integer",
        deserialize_f32 => "number",
        deserialize_f64 => "number",
        deserialize_char => "string",
        deserialize_str => "string",
        deserialize_string => "string",
        deserialize_bytes => "string",
        deserialize_byte_buf => "string",
        deserialize_seq => "array",
        deserialize_map => "object",
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Found> {
        // serde_json's own names: a value that is kept as text.
        if name.starts_with('$') { Err(Found("any")) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Found> {
        Err(Found("any"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found("object"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Found> {
        Err(Found("string"))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Found> {
        Err(Found("array"))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, _: V) -> Result<V::Value, Found> {
        Err(Found("array"))
    }
}
