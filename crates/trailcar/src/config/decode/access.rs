//! What a value holds, handed to serde piece by piece.

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::fault::Fault;
use super::{Decoder, Node};

pub(super) struct Fields<'p, 'a> {
    pub(super) parent: &'p Decoder<'a>,
    pub(super) entries: std::vec::IntoIter<(&'a str, &'a Node, String)>,
    pub(super) value: Option<Decoder<'a>>,
}

impl<'a> de::MapAccess<'a> for Fields<'_, 'a> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((name, node, path)) = self.entries.next() else { return Ok(None) };
        self.value = Some(self.parent.inner(node, path));
        let name: StrDeserializer<'_, Fault> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let value = self.value.take().ok_or_else(|| Fault::Says("a value is missing here".to_owned()))?;
        value.decode(seed)
    }
}

pub(super) struct Items<'p, 'a> {
    pub(super) parent: &'p Decoder<'a>,
    pub(super) items: std::vec::IntoIter<(String, &'a Node)>,
}

impl<'a> de::SeqAccess<'a> for Items<'_, 'a> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let parent = self.parent;
        let mut left =
            self.items.by_ref().map(|(at, node)| parent.inner(node, format!("{}{at}", parent.path)));
        left.find(|item| !parent.is_broken(&item.path)).map(|item| item.decode(seed)).transpose()
    }
}

pub(super) struct Variant<'a> {
    pub(super) name: &'a str,
    pub(super) content: Decoder<'a>,
}

impl<'a> de::EnumAccess<'a> for Variant<'a> {
    type Error = Fault;
    type Variant = Decoder<'a>;

    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, Decoder<'a>), Fault> {
        let name: StrDeserializer<'_, Fault> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.content))
    }
}

impl<'a> de::VariantAccess<'a> for Decoder<'a> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value, Fault> {
        let value = self.decode(seed)?;
        if self.is_surplus {
            self.mistakes.borrow_mut().give_up(&self.path);
            return Err(Fault::Told);
        }
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_seq(self, visitor)
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.map(self.fields(fields)?, visitor)
    }
}
