//! Rule tests written as Markdown: the page a person reads is the test that runs.
//!
//! A `#` or `##` heading starts a case. Every fenced block of the case is a file of an in-memory project under
//! `/project`: `path=…` after the language names it; without one, `python` is `app/main.py`, `toml` is
//! `pyproject.toml` and `env` is `.env`, and other blocks are prose. A case without files is skipped.
//!
//! What a review has to say stands at the line it has to say it: `# error: rule`, `# warning: rule "message part"`,
//! `# info: one, another`. Lines without such a comment must stay without a finding.
//!
//! Invariant: this crate knows no rule and no framework; the caller brings the reviewer.

use std::path::Path;

use architect_source::{FileSystem, Finding, MemoryFileSystem};

mod parse;

pub use parse::{Block, Case, Expectation, cases};

/// Where the files of a case live.
pub const PROJECT: &str = "/project";

/// Runs every case of `markdown` through `review`, which is given the files and the project folder.
///
/// # Panics
/// When a finding is missing or not expected, or the Markdown cannot be understood; the message lists every mismatch
/// with its line in `source_name`.
pub fn run(markdown: &str, source_name: &str, review: &dyn Fn(&dyn FileSystem, &Path) -> Vec<Finding>) {
    let problems = mismatches(markdown, source_name, review);
    assert!(problems.is_empty(), "{} mismatches in {source_name}:\n{}", problems.len(), problems.join("\n"));
}

/// What [`run`] would complain about, one line each, in the order of the page.
#[must_use]
pub fn mismatches(
    markdown: &str,
    source_name: &str,
    review: &dyn Fn(&dyn FileSystem, &Path) -> Vec<Finding>,
) -> Vec<String> {
    let (cases, errors) = cases(markdown);
    let mut problems: Vec<(usize, String)> = errors;
    for case in &cases {
        let mut files = MemoryFileSystem::default();
        for block in &case.files {
            files.write(format!("{PROJECT}/{}", block.path), block.text.as_bytes());
        }
        compare(case, review(&files, Path::new(PROJECT)), &mut problems);
    }
    problems.sort();
    problems.into_iter().map(|(line, problem)| format!("  {source_name}:{line}: {problem}")).collect()
}

fn compare(case: &Case, mut findings: Vec<Finding>, problems: &mut Vec<(usize, String)>) {
    for block in &case.files {
        for expected in &block.expectations {
            let found = findings.iter().position(|finding| {
                relative(finding) == block.path
                    && finding.location.line as usize == expected.line
                    && finding.rule == expected.rule
                    && finding.severity == expected.severity
                    && expected.confidence.is_none_or(|confidence| finding.confidence == confidence)
                    && expected.part.as_ref().is_none_or(|part| finding.message.contains(part))
            });
            if let Some(index) = found {
                findings.remove(index);
            } else {
                let part = expected.part.as_ref().map(|part| format!(" with {part:?}")).unwrap_or_default();
                problems.push((
                    block.first_line + expected.line - 1,
                    format!(
                        "[{}] nothing says {}{}: {}{part}",
                        case.title,
                        expected.severity.as_str(),
                        expected.confidence.map(|one| format!("({})", one.as_str())).unwrap_or_default(),
                        expected.rule
                    ),
                ));
            }
        }
    }
    for finding in &findings {
        let line = case
            .files
            .iter()
            .find(|block| block.path == relative(finding))
            .map_or(case.line, |block| block.first_line + finding.location.line.saturating_sub(1) as usize);
        problems.push((
            line,
            format!(
                "[{}] not expected: {}: {} {:?} at {}",
                case.title,
                finding.severity.as_str(),
                finding.rule,
                finding.message,
                finding.location
            ),
        ));
    }
}

fn relative(finding: &Finding) -> &str {
    let path = &*finding.location.path;
    path.strip_prefix(PROJECT).map_or(path, |rest| rest.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use architect_source::{Confidence, Location, Severity};

    use super::*;

    /// Finds the word `bad` in every Python file.
    fn reviewer(files: &dyn FileSystem, project: &Path) -> Vec<Finding> {
        let mut findings = Vec::new();
        for path in files.python_files(project) {
            let text = String::from_utf8(files.read(&path).expect("listed files can be read")).expect("it is text");
            let name = path.strip_prefix(project).expect("below the project").to_string_lossy().into_owned();
            for (index, line) in text.lines().enumerate() {
                if line.split('#').next().is_some_and(|code| code.contains("bad")) {
                    findings.push(finding(&name, u32::try_from(index + 1).expect("small")));
                }
            }
        }
        findings
    }

    fn finding(path: &str, line: u32) -> Finding {
        Finding {
            rule: "bad-word",
            group: "words",
            severity: Severity::Error,
            confidence: Confidence::High,
            message: format!("`bad` in {path}"),
            subject: path.to_owned(),
            location: Location {
                path: Arc::from(path),
                line,
                column: 1,
                end_line: line,
                end_column: 2,
                start: 0,
                end: 1,
            },
            trace: Vec::new(),
            why: String::new(),
            help: String::new(),
            trade_off: String::new(),
            fix: None,
        }
    }

    const PAGE: &str = "\
# words

Prose with `code`.

## Example

```python path=app/one.py
good = 1
bad = 2  # error: bad-word \"in app/one.py\"
```

```python
bad = 3  # error: bad-word
```

```toml
[project]
```

## Use instead

```python
good = 1
```
";

    #[test]
    fn a_page_that_agrees_passes() {
        run(PAGE, "words.md", &reviewer);
    }

    #[test]
    fn files_have_the_names_that_are_documented() {
        let (cases, errors) = cases(PAGE);
        assert_eq!(errors, []);
        let paths: Vec<Vec<&str>> =
            cases.iter().map(|case| case.files.iter().map(|file| file.path.as_str()).collect()).collect();
        assert_eq!(paths, [vec!["app/one.py", "app/main.py", "pyproject.toml"], vec!["app/main.py"]]);
    }

    #[test]
    fn every_mismatch_is_listed_with_its_line() {
        let page = "# Case\n\n```python\nbad = 1\ngood = 2  # error: bad-word\nbad = 3  # warning: bad-word\n```\n";
        let problems = mismatches(page, "p.md", &reviewer);
        assert_eq!(problems.len(), 4, "{problems:#?}");
        assert!(problems[0].contains("p.md:4: [Case] not expected: error: bad-word"), "{}", problems[0]);
        assert!(problems[1].contains("p.md:5: [Case] nothing says error: bad-word"), "{}", problems[1]);
        assert!(problems[2].contains("p.md:6:") && problems[3].contains("p.md:6:"), "{problems:#?}");
    }

    #[test]
    #[should_panic(expected = "1 mismatches in p.md")]
    fn run_panics_when_something_is_left() {
        run("# Case\n```python\nbad = 1\n```\n", "p.md", &reviewer);
    }

    #[test]
    fn a_finding_outside_the_page_is_reported_at_the_case() {
        let problems = mismatches("# Case\n```python\nx = 1\n```\n", "p.md", &|_, _| vec![finding("elsewhere.py", 7)]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("p.md:1:") && problems[0].contains("elsewhere.py:7"), "{}", problems[0]);
    }

    #[test]
    fn absolute_locations_are_accepted() {
        let page = "# Case\n```python\nx = 1  # error: bad-word\n```\n";
        assert_eq!(mismatches(page, "p.md", &|_, _| vec![finding("/project/app/main.py", 1)]), [""; 0]);
    }
}
