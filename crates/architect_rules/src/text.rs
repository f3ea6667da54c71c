//! Wording that several rules share.

/// `1 route`, `2 routes`.
pub(crate) fn count(number: usize, singular: &str) -> String {
    format!("{number} {singular}{}", if number == 1 { "" } else { "s" })
}

/// `` `a`, `b` and 3 more ``: at most `limit` names in backquotes.
pub(crate) fn names(all: &[String], limit: usize) -> String {
    let quoted: Vec<String> = all.iter().take(limit).map(|name| format!("`{name}`")).collect();
    match (all.len().saturating_sub(limit), quoted.as_slice()) {
        (0, [head @ .., last]) if !head.is_empty() => format!("{} and {last}", head.join(", ")),
        (0, _) => quoted.join(", "),
        (more, _) => format!("{} and {more} more", quoted.join(", ")),
    }
}

/// The identifiers in a piece of code, such as an annotation.
pub(crate) fn identifiers(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|one| !one.is_empty())
}

/// The function's own name in `module:qualname`.
pub(crate) fn short(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The last of the names in `module:qualname`.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit(['.', ':']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_sentences() {
        let all: Vec<String> = ["a", "b", "c"].iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(names(&all[..1], 2), "`a`");
        assert_eq!(names(&all, 3), "`a`, `b` and `c`");
        assert_eq!(names(&all, 2), "`a`, `b` and 1 more");
        assert_eq!(short("app.db:Repo.get"), "Repo.get");
    }
}
