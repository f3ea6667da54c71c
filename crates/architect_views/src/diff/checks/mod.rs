//! The table of checks: one entry for each kind of change, by subject.
//!
//! `cargo xtask gen` writes `docs/diff-checks.md` from it.

pub(super) mod database;
pub(super) mod operations;
pub(super) mod requests;
pub(super) mod responses;
pub(super) mod security;
pub(super) mod values;

use super::check::Check;

/// Every check, under the title of its part of the table.
pub(super) const PARTS: [(&str, &[&Check]); 6] = [
    ("Operations", operations::ALL),
    ("Who may call", security::ALL),
    ("Parameters and request bodies", requests::ALL),
    ("Responses", responses::ALL),
    ("Values, wherever they stand", values::ALL),
    ("Database", database::ALL),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own_and_words() {
        let mut seen = BTreeSet::new();
        for check in PARTS.iter().flat_map(|(_, checks)| *checks) {
            assert!(seen.insert(check.id), "{} is there twice", check.id);
            assert!(check.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", check.id);
            assert!(!check.message.is_empty() && !check.note.is_empty(), "{}", check.id);
            assert!(!check.note.ends_with('.') && !check.message.ends_with('.'), "{}", check.id);
            let other = check.otherwise.map(|(level, _)| level);
            assert_ne!(other, Some(check.level), "{}", check.id);
        }
    }
}
