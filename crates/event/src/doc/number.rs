//! Numbers as text, and text as Java writes it.

use super::{DEEPEST, Data, Doc, NodeId};

/// Whether a JSON number has digits only: no fraction, no exponent.
pub(super) fn is_integer(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

/// Whether Java writes a double as the shortest decimal form has it.
pub(super) fn is_written_shortest(value: f64) -> bool {
    (1e-3..1e7).contains(&value.abs())
}

/// A double as `Double.toString` of Java 19 and later writes it: the shortest digits that read back the same,
/// in scientific notation below 10^-3 and from 10^7 on.
pub fn double_text(value: f64) -> String {
    java_text(
        value,
        f64::is_nan(value),
        f64::is_infinite(value),
        value.is_sign_negative(),
        &format!("{:e}", value.abs()),
    )
}

/// A float as `Float.toString` writes it.
pub fn float_text(value: f32) -> String {
    java_text(
        f64::from(value),
        f32::is_nan(value),
        f32::is_infinite(value),
        value.is_sign_negative(),
        &format!("{:e}", value.abs()),
    )
}

/// `scientific` is Rust's shortest form, `d.ddde-x`.
fn java_text(value: f64, nan: bool, infinite: bool, negative: bool, scientific: &str) -> String {
    let sign = if negative { "-" } else { "" };
    if nan {
        return "NaN".to_owned();
    }
    if infinite {
        return format!("{sign}Infinity");
    }
    if value == 0.0 {
        return format!("{sign}0.0");
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if (-3..7).contains(&exponent) {
        if exponent < 0 {
            let zeros = "0".repeat((-exponent - 1) as usize);
            return format!("{sign}0.{zeros}{digits}");
        }
        let whole = exponent as usize + 1;
        let padded = format!("{digits:0<whole$}");
        let (before, after) = padded.split_at(whole);
        return format!("{sign}{before}.{}", if after.is_empty() { "0" } else { after });
    }
    let (first, rest) = digits.split_at(1);
    format!("{sign}{first}.{}E{exponent}", if rest.is_empty() { "0" } else { rest })
}

impl Doc {
    /// A number as a double; `None` for anything else.
    pub fn as_f64(&self, id: NodeId) -> Option<f64> {
        match self.data(id) {
            Data::Int(value) => Some(f64::from(value.get())),
            Data::Long(value) => Some(value as f64),
            Data::Float(value) => Some(f64::from(value.get())),
            Data::Double(value) => Some(value.get()),
            Data::Number(text) => self.text(text).parse().ok(),
            _ => None,
        }
    }

    /// An integer of any class that fits a long; `None` for anything else.
    pub fn as_i64(&self, id: NodeId) -> Option<i64> {
        match self.data(id) {
            Data::Int(value) => Some(i64::from(value.get())),
            Data::Long(value) => Some(value),
            _ => None,
        }
    }

    /// What Java's `toString` gives for a scalar; `None` for null and containers.
    pub fn scalar_text(&self, id: NodeId) -> Option<String> {
        match self.data(id) {
            Data::Null | Data::Array(_) | Data::Object(_) => None,
            Data::Bool(value) => Some(value.get().to_string()),
            Data::Int(value) => Some(value.get().to_string()),
            Data::Long(value) => Some(value.to_string()),
            Data::Float(value) => Some(float_text(value.get())),
            Data::Double(value) => Some(double_text(value.get())),
            Data::Number(text) if is_integer(self.text(text)) => Some(self.text(text).to_owned()),
            Data::Number(_) => self.as_f64(id).map(double_text),
            Data::Str(text) => Some(self.text(text).to_owned()),
        }
    }

    /// Appends what Java's `toString` gives, with `null` for a null: `[a, b]` for lists, `{k=v}` for maps.
    pub fn append_text(&self, id: NodeId, out: &mut String) {
        self.append_text_at(id, out, 0);
    }

    fn append_text_at(&self, id: NodeId, out: &mut String, depth: usize) {
        let object = match self.data(id) {
            Data::Str(text) => return out.push_str(self.text(text)),
            Data::Array(_) => false,
            Data::Object(_) => true,
            _ => return out.push_str(self.scalar_text(id).as_deref().unwrap_or("null")),
        };
        out.push(if object { '{' } else { '[' });
        let mut children: Vec<NodeId> = self.children(id).collect();
        if object {
            let buckets = java_buckets(children.len());
            children.sort_by_cached_key(|child| java_hash(self.key(*child)) & (buckets - 1));
        }
        for (at, child) in children.into_iter().enumerate().take_while(|_| depth < DEEPEST) {
            if at > 0 {
                out.push_str(", ");
            }
            if object {
                out.push_str(self.key(child));
                out.push('=');
            }
            self.append_text_at(child, out, depth + 1);
        }
        out.push(if object { '}' } else { ']' });
    }

    /// Equality where at least one side is a number kept as text.
    pub(super) fn equal_numbers(&self, a: NodeId, b: NodeId) -> bool {
        if self.class_name(a) != self.class_name(b) {
            return false;
        }
        match (self.data(a), self.data(b)) {
            (Data::Number(x), Data::Number(y)) if is_integer(self.text(x)) => self.text(x) == self.text(y),
            _ => self.as_f64(a).map(f64::to_bits) == self.as_f64(b).map(f64::to_bits),
        }
    }
}

/// Buckets that Java's `HashMap` has when it has grown to so many entries.
fn java_buckets(entries: usize) -> u32 {
    let mut buckets = 16_u32;
    while entries as u64 > u64::from(buckets) / 4 * 3 && buckets < 1 << 30 {
        buckets *= 2;
    }
    buckets
}

/// The hash by which Java's `HashMap` chooses a bucket for a text: it lists its entries in the order of buckets.
fn java_hash(text: &str) -> u32 {
    let hash = text.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    // Seen on OpenSearch: what a template or a conversion makes of an object.
    #[test]
    fn objects_are_written_in_the_order_of_javas_maps() {
        let mut doc = Doc::new();
        for (json, text) in [
            (r#"{"b":1,"a":2}"#, "{a=2, b=1}"),
            (r#"{"y":{},"b":1}"#, "{b=1, y={}}"),
            (r#"{"ü":{"ü":{},"0":""}}"#, "{ü={0=, ü={}}}"),
            (r#"{"x":1,"a.b":""}"#, "{a.b=, x=1}"),
            (r#"{"l":[{"b":1,"a":2}]}"#, "{l=[{a=2, b=1}]}"),
        ] {
            let root = doc.parse_str(json).unwrap();
            let mut out = String::new();
            doc.append_text(root, &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (1.1, "1.1"),
            (0.001, "0.001"),
            (0.000_1, "1.0E-4"),
            (123_456.789, "123456.789"),
            (9_999_999.0, "9999999.0"),
            (10_000_000.0, "1.0E7"),
            (1.5e300, "1.5E300"),
            (-2.5, "-2.5"),
            (f64::INFINITY, "Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(double_text(value), text);
        }
        assert_eq!(float_text(0.1), "0.1");
    }
}
