//! Names of characters, as HTML 4 has them: what `html_strip` decodes.

use std::collections::HashMap;
use std::sync::LazyLock;

/// U+00A0 to U+00FF, in their order.
const LATIN: &str = "\
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
    sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc \
    Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve \
    Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute \
    acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde \
    ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// The others, each behind its character.
const OTHERS: &str = "\
    \"quot &amp <lt >gt ŒOElig œoelig ŠScaron šscaron ŸYuml ƒfnof ˆcirc ˜tilde ΑAlpha ΒBeta ΓGamma \
    ΔDelta ΕEpsilon ΖZeta ΗEta ΘTheta ΙIota ΚKappa ΛLambda ΜMu ΝNu ΞXi ΟOmicron ΠPi ΡRho ΣSigma ΤTau \
    ΥUpsilon ΦPhi ΧChi ΨPsi ΩOmega αalpha βbeta γgamma δdelta εepsilon ζzeta ηeta θtheta ιiota κkappa \
    λlambda μmu νnu ξxi οomicron πpi ρrho ςsigmaf σsigma τtau υupsilon φphi χchi ψpsi ωomega ϑthetasym \
    ϒupsih ϖpiv \u{2002}ensp \u{2003}emsp \u{2009}thinsp \u{200c}zwnj \u{200d}zwj \u{200e}lrm \
    \u{200f}rlm –ndash —mdash ‘lsquo ’rsquo ‚sbquo “ldquo ”rdquo „bdquo †dagger ‡Dagger •bull …hellip \
    ‰permil ′prime ″Prime ‹lsaquo ›rsaquo ‾oline ⁄frasl €euro ℑimage ℘weierp ℜreal ™trade ℵalefsym ←larr \
    ↑uarr →rarr ↓darr ↔harr ↵crarr ⇐lArr ⇑uArr ⇒rArr ⇓dArr ⇔hArr ∀forall ∂part ∃exist ∅empty ∇nabla \
    ∈isin ∉notin ∋ni ∏prod ∑sum −minus ∗lowast √radic ∝prop ∞infin ∠ang ∧and ∨or ∩cap ∪cup ∫int ∴there4 \
    ∼sim ≅cong ≈asymp ≠ne ≡equiv ≤le ≥ge ⊂sub ⊃sup ⊄nsub ⊆sube ⊇supe ⊕oplus ⊗otimes ⊥perp ⋅sdot ⌈lceil \
    ⌉rceil ⌊lfloor ⌋rfloor 〈lang 〉rang ◊loz ♠spades ♣clubs ♥hearts ♦diams 'apos \"QUOT &AMP <LT >GT \
    ©COPY ®REG";

static NAMED: LazyLock<HashMap<&'static str, char>> = LazyLock::new(|| {
    // Lucene makes a plain space of the first.
    let latin = LATIN.split(' ').zip("\u{20}".chars().chain('\u{A1}'..='\u{FF}'));
    let others = OTHERS.split(' ').filter_map(|entry| {
        let mut chars = entry.chars();
        let character = chars.next()?;
        Some((chars.as_str(), character))
    });
    latin.chain(others).collect()
});

/// The character of a name.
pub(super) fn named(name: &str) -> Option<char> {
    NAMED.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_others_not() {
        for (name, character) in
            [("nbsp", ' '), ("eacute", 'é'), ("yuml", 'ÿ'), ("hellip", '…'), ("COPY", '©'), ("quot", '"')]
        {
            assert_eq!(named(name), Some(character), "{name}");
        }
        assert_eq!(["", "Amp", "é", "nosuch"].map(named), [None; 4]);
    }
}
