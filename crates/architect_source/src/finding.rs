//! What a review says, independent of how it is printed.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::Location;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will hurt under some condition that is named.
    Warning,
    /// Wrong now.
    Error,
}

impl Severity {
    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure the analysis is, apart from how much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A heuristic; shown with `--all` only.
    Low,
    /// One fact is unresolved, and the message names it.
    Medium,
    /// Decided.
    High,
}

impl Confidence {
    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One step of the reasoning behind a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is true at this place.
    pub message: String,
    /// The place.
    pub location: Location,
}

/// One thing a reviewer says about one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, such as `route-shadowed`.
    pub rule: &'static str,
    /// The rule's group, such as `endpoints`.
    pub group: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// How sure we are.
    pub confidence: Confidence,
    /// One sentence.
    pub message: String,
    /// What it is about: an endpoint, a function, a file. Stable under edits elsewhere; goes into the fingerprint.
    pub subject: String,
    /// Where to look first.
    pub location: Location,
    /// The reasoning, step by step.
    pub trace: Vec<Step>,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub help: String,
    /// What the change costs, or when the code is fine as it is. May be empty.
    pub trade_off: String,
    /// What would remove it, where that can be written down.
    pub fix: Option<Fix>,
}

/// Whether a fix may be applied without a person looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// To be shown only: it needs something that a person has to fill in.
    Display,
    /// It may change what the program does.
    Unsafe,
    /// What callers and tests see stays as it was.
    Safe,
}

impl Applicability {
    /// The name used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }
}

/// Edits that belong together and remove a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether it may be applied without a look.
    pub applicability: Applicability,
    /// What it does, as an order: `remove the comment`.
    pub title: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

/// A range of bytes of a file, and what takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file, relative to the project root.
    pub path: Arc<str>,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// The new text.
    pub content: String,
}

impl Finding {
    /// A stable identity: the rule and the subject, never a line, a severity or a confidence.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(self.rule, &self.subject)
    }
}

/// Twelve hexadecimal digits that identify a finding of `rule` about `subject`.
#[must_use]
pub fn fingerprint(rule: &str, subject: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(rule.as_bytes());
    hasher.update([0]);
    hasher.update(subject.as_bytes());
    hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of some bytes in base64, as content security policies name what a page may hold.
#[must_use]
pub fn base64_of_sha256(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(bytes);
    let mut out = String::new();
    for three in digest.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(three.get(at).copied().unwrap_or(0)));
        for place in 0..4 {
            let letter = LETTERS[bits >> (18 - 6 * place) & 63];
            out.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// Something the analysis could not know, why, and what would resolve it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unknown {
    /// What is not known, such as the response model of an endpoint.
    pub what: String,
    /// Why it is not known.
    pub why: String,
    /// What the user can do about it; may be empty.
    pub resolve: String,
    /// Where, if it has a place.
    pub location: Option<Location>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_named_as_browsers_name_them() {
        assert_eq!(base64_of_sha256(b""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(base64_of_sha256(b"abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn fingerprints_depend_on_rule_and_subject_only() {
        let one = fingerprint("route-shadowed", "GET /a");
        assert_eq!(one.len(), 12);
        assert_eq!(one, fingerprint("route-shadowed", "GET /a"));
        assert_ne!(one, fingerprint("route-shadowed", "GET /b"));
        assert_ne!(fingerprint("ab", "c"), fingerprint("a", "bc"));
    }
}
