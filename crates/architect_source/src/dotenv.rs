//! `.env` files.

/// The `KEY=VALUE` lines of a `.env` file, the last one of a name wins: comments, `export` and quotes as in the files
/// that `python-dotenv` reads. Nothing is substituted.
#[must_use]
pub fn parse_dotenv(text: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim(), value.trim());
        let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
        let value = match quote.and_then(|quote| value[1..].find(quote)) {
            Some(end) => &value[1..=end],
            None => value.split_once(" #").map_or(value, |(value, _)| value.trim_end()),
        };
        out.retain(|(name, _)| name != key);
        out.push((key.to_owned(), value.to_owned()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::parse_dotenv;

    #[test]
    fn lines_have_comments_quotes_and_exports() {
        let read = parse_dotenv("\u{feff}A=1\n# no\nexport B='two # three'\nC=x # why\n\nnonsense\nA=2\nD=\"\n");
        let expected = [("B", "two # three"), ("C", "x"), ("A", "2"), ("D", "\"")];
        assert_eq!(read, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
