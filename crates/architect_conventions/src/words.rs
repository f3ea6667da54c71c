//! Spelling: number, case, names.

/// The function's own name in `module:qualname`.
pub(crate) fn short(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The last part of a dotted or qualified name.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit(['.', ':']).next().unwrap_or(name)
}

/// The module of `module:qualname`.
pub(crate) fn module(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// Whether a word stands for many; nothing where English does not say.
pub(crate) fn is_plural(word: &str) -> Option<bool> {
    let word = word.rsplit(['_', '-', '.']).next().unwrap_or(word).to_lowercase();
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let neither = [
        "data",
        "info",
        "information",
        "metadata",
        "media",
        "news",
        "series",
        "status",
        "auth",
        "health",
        "settings",
        "history",
        "me",
        "access",
        "progress",
        "analytics",
        "stats",
        "statistics",
        "content",
        "feedback",
        "staff",
        "inventory",
        "admin",
        "oauth",
        "sso",
        "sms",
        "aws",
        "utils",
        "dns",
        "tls",
        "https",
        "address",
        "business",
        "process",
        "alias",
        "bus",
        "canvas",
        "graphql",
        "login",
        "logout",
        "search",
        "common",
        "base",
        "core",
        "misc",
        "helpers",
        "models",
        "schemas",
        "kubernetes",
    ];
    if neither.contains(&word.as_str()) {
        return None;
    }
    if ["people", "children", "criteria", "indices", "vertices", "matrices", "men", "women"].contains(&word.as_str()) {
        return Some(true);
    }
    let plural = word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    Some(plural)
}

/// `snake_case`, `kebab-case`, `camelCase`, `PascalCase`; nothing for one lower-case word, which is all of them.
pub(crate) fn case(word: &str) -> Option<&'static str> {
    let upper = word.chars().any(char::is_uppercase);
    if word.contains(' ') {
        return Some(if upper { "Title Case" } else { "lower case with spaces" });
    }
    match (word.contains('_'), word.contains('-'), upper) {
        (true, false, false) => Some("snake_case"),
        (false, true, false) => Some("kebab-case"),
        (false, false, true) if word.starts_with(char::is_uppercase) => Some("PascalCase"),
        (false, false, true) => Some("camelCase"),
        _ => None,
    }
}

/// `UserCreate` into `User`, `Create`.
pub(crate) fn humps(name: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let letters: Vec<(usize, char)> = name.char_indices().collect();
    for window in 1..letters.len() {
        let (at, letter) = letters[window];
        let before = letters[window - 1].1;
        let after = letters.get(window + 1).map(|one| one.1);
        let begins = letter.is_uppercase()
            && (before.is_lowercase() || before.is_ascii_digit() || after.is_some_and(char::is_lowercase));
        if (begins || letter == '_') && at > start {
            out.push(name[start..at].trim_matches('_'));
            start = at;
        }
    }
    out.push(name[start..].trim_matches('_'));
    out.retain(|part| !part.is_empty());
    out
}

/// `a` or `an`, by the first letter.
pub(crate) fn article(word: &str) -> &'static str {
    if word.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']) { "an" } else { "a" }
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn quoted(names: &[&str]) -> String {
    let all: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match all.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., tail] => format!("{} and {tail}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_is_that_of_the_last_word() {
        assert_eq!(is_plural("user_roles"), Some(true));
        assert_eq!(is_plural("status"), None);
        assert_eq!(is_plural("audit_event"), Some(false));
        assert_eq!(is_plural("addresses"), Some(true));
    }

    #[test]
    fn names_are_split_at_humps() {
        assert_eq!(humps("UserCreate"), ["User", "Create"]);
        assert_eq!(humps("HTTPErrorOut"), ["HTTP", "Error", "Out"]);
        assert_eq!(humps("Page"), ["Page"]);
        assert_eq!(humps("User_Out"), ["User", "Out"]);
    }

    #[test]
    fn one_word_is_of_every_case() {
        assert_eq!(case("users"), None);
        assert_eq!(case("audit-events"), Some("kebab-case"));
        assert_eq!(case("Audit events"), Some("Title Case"));
    }
}
