//! Markdown to cases.

use architect_source::{Confidence, Severity};

/// One heading with files below it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The heading.
    pub title: String,
    /// Its line.
    pub line: usize,
    /// The files of the project.
    pub files: Vec<Block>,
}

/// A fenced block that is a file.
#[derive(Clone, Debug)]
pub struct Block {
    /// The file, relative to the project.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The line of the page at which the file's first line stands.
    pub first_line: usize,
    /// What a review has to say about it.
    pub expectations: Vec<Expectation>,
}

/// One `# error: rule` comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The line in the file, from 1.
    pub line: usize,
    /// The severity.
    pub severity: Severity,
    /// The confidence, where that is written: `# error(low): rule`.
    pub confidence: Option<Confidence>,
    /// The rule.
    pub rule: String,
    /// What the message has to contain.
    pub part: Option<String>,
}

/// The cases of a page that have files, and what cannot be understood, with lines.
#[must_use]
pub fn cases(markdown: &str) -> (Vec<Case>, Vec<(usize, String)>) {
    let mut cases = vec![Case { title: "(before the first heading)".to_owned(), line: 1, files: Vec::new() }];
    let mut errors = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        if let Some(title) = heading(line) {
            cases.push(Case { title: title.to_owned(), line: index + 1, files: Vec::new() });
        }
        let Some((fence, info)) = fence(line) else { continue };
        let mut text = String::new();
        let mut closed = false;
        for (_, line) in lines.by_ref() {
            if line.trim() == fence {
                closed = true;
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        if !closed {
            errors.push((index + 1, "the block has no end".to_owned()));
        }
        let (Some(path), Some(case)) = (file_name(info), cases.last_mut()) else { continue };
        if case.files.iter().any(|file| file.path == path) {
            errors.push((index + 1, format!("[{}] {path} is there twice", case.title)));
        }
        let first_line = index + 2;
        let mut expectations = Vec::new();
        for (index, line) in text.lines().enumerate() {
            match expected(line, index + 1) {
                Ok(found) => expectations.extend(found),
                Err(error) => errors.push((first_line + index, error)),
            }
        }
        case.files.push(Block { path, text, first_line, expectations });
    }
    cases.retain(|case| !case.files.is_empty());
    (cases, errors)
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")).map(str::trim)
}

/// The fence and what follows it.
fn fence(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let info = line.trim_start_matches('`');
    let fence = &line[..line.len() - info.len()];
    (fence.len() >= 3 && !info.contains('`')).then_some((fence, info.trim()))
}

fn file_name(info: &str) -> Option<String> {
    let mut words = info.split_whitespace();
    let language = words.next()?;
    if let Some(path) = info.split_whitespace().find_map(|word| word.strip_prefix("path=")) {
        return Some(path.trim_matches('"').trim_start_matches('/').to_owned());
    }
    match language {
        "python" => Some("app/main.py".to_owned()),
        "toml" => Some("pyproject.toml".to_owned()),
        "env" => Some(".env".to_owned()),
        _ => None,
    }
}

const SEVERITIES: [(&str, Severity); 3] =
    [("# error", Severity::Error), ("# warning", Severity::Warning), ("# info", Severity::Info)];

const CONFIDENCES: [(&str, Option<Confidence>); 4] = [
    (":", None),
    ("(high):", Some(Confidence::High)),
    ("(medium):", Some(Confidence::Medium)),
    ("(low):", Some(Confidence::Low)),
];

/// The first marker of an expectation, where the text behind it starts, and what it says.
fn marker(line: &str) -> Option<(usize, &str, Severity, Option<Confidence>)> {
    let found = SEVERITIES.iter().flat_map(|(name, severity)| {
        line.match_indices(name).filter_map(|(start, _)| {
            let after = &line[start + name.len()..];
            let (end, confidence) = CONFIDENCES.iter().find(|(end, _)| after.starts_with(end))?;
            let end = start + name.len() + end.len();
            Some((end, &line[start..end], *severity, *confidence))
        })
    });
    found.min_by_key(|(end, ..)| *end)
}

fn expected(line: &str, number: usize) -> Result<Vec<Expectation>, String> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some((end, marker, severity, confidence)) = marker(rest) {
        rest = &rest[end..];
        loop {
            rest = rest.trim_start();
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("a rule name has to follow `{marker}`"));
            }
            let rule = rest[..end].to_owned();
            rest = rest[end..].trim_start();
            let mut part = None;
            if let Some(quoted) = rest.strip_prefix('"') {
                let Some((text, after)) = quoted.split_once('"') else {
                    return Err("the message part has no closing quote".to_owned());
                };
                part = Some(text.to_owned());
                rest = after.trim_start();
            }
            out.push(Expectation { line: number, severity, confidence, rule, part });
            let Some(more) = rest.strip_prefix(',') else { break };
            rest = more;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_can_be_several() {
        let found = expected("x  # error: a-b \"p, q\", c # warning: d", 3).expect("it parses");
        let short: Vec<_> = found.iter().map(|e| (e.severity, e.rule.as_str(), e.part.as_deref())).collect();
        assert_eq!(
            short,
            [(Severity::Error, "a-b", Some("p, q")), (Severity::Error, "c", None), (Severity::Warning, "d", None)]
        );
        assert!(found.iter().all(|e| e.line == 3));
    }

    #[test]
    fn the_confidence_may_be_said() {
        let found = expected("x  # error(low): a # info: b", 1).expect("it parses");
        assert_eq!(found.iter().map(|e| e.confidence).collect::<Vec<_>>(), [Some(Confidence::Low), None]);
        assert_eq!(expected("x  # error(no): a", 1), Ok(Vec::new()));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let (_, errors) = cases("# A\n```python\nx  # error:\ny  # error: r \"open\n```\n```python\n");
        let mut lines: Vec<usize> = errors.iter().map(|(line, _)| *line).collect();
        lines.sort_unstable();
        assert_eq!(lines, [3, 4, 6, 6], "{errors:?}");
    }

    #[test]
    fn a_longer_fence_holds_a_shorter_one() {
        let (cases, errors) = cases("# A\n````python path=a.py\nx = '''\n```\n'''\n````\n");
        assert_eq!(errors, []);
        assert_eq!(cases[0].files[0].text, "x = '''\n```\n'''\n");
    }

    #[test]
    fn prose_blocks_are_no_files() {
        let (cases, _) = cases("# A\n```sh\nls\n```\n```text path=requirements.txt\nfastapi==0.115.0\n```\n");
        assert_eq!(cases[0].files.len(), 1);
        assert_eq!(cases[0].files[0].path, "requirements.txt");
    }
}
