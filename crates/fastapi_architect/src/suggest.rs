//! Did you mean?

use strsim::levenshtein;

/// The name closest to `wanted`, if it is close at all.
pub fn closest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (levenshtein(wanted, name), name))
        .filter(|(distance, name)| *distance <= name.len().max(wanted.len()) / 3)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        assert_eq!(closest("route-shadow", ["auth-gap", "route-shadowed"]), Some("route-shadowed"));
        assert_eq!(closest("xyz", ["auth-gap", "route-shadowed"]), None);
        assert_eq!(levenshtein("kitten", "sitting"), 3);
    }
}
