//! The rules of ruff, by the names people know: codes such as `F401` and selectors such as `ASYNC`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use architect_source::Severity;
use ruff_linter::UnresolvedRuleSelector;
use ruff_linter::registry::Rule;
use ruff_linter::settings::types::PreviewMode;

/// What ruff says of one of its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// `F401`.
    pub code: &'static str,
    /// `unused-import`.
    pub name: String,
    /// Its page, in Markdown.
    pub text: String,
}

/// What ruff says of the rule with this code.
#[must_use]
pub fn explain(code: &str) -> Option<RuleText> {
    let rule = Rule::from_code(code).ok()?;
    let text = rule.explanation().unwrap_or_default().trim().to_owned();
    Some(RuleText { code: self::code(rule), name: rule.name().to_string(), text })
}

/// Whether this selects rules of ruff: a code, a prefix or a group.
#[must_use]
pub fn is_selector(selector: &str) -> bool {
    selector != "ALL" && selector.starts_with(|letter: char| letter.is_ascii_uppercase()) && resolves(selector)
}

fn resolves(selector: &str) -> bool {
    UnresolvedRuleSelector::cli(selector).resolve(PreviewMode::Disabled).is_ok()
}

/// Those that ruff knows: configuration for flake8 names rules of plugins that it does not have.
pub(crate) fn selectors<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<UnresolvedRuleSelector> {
    names.into_iter().filter(|name| resolves(name)).map(UnresolvedRuleSelector::cli).collect()
}

/// Every code, once, for as long as the program runs.
fn codes() -> &'static BTreeMap<String, &'static str> {
    static CODES: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    CODES.get_or_init(|| {
        let all = ruff_linter::RuleSelector::All.all_rules().map(|rule| rule.noqa_code().to_string());
        all.map(|code| (code.clone(), &*Box::leak(code.into_boxed_str()))).collect()
    })
}

pub(crate) fn code(rule: Rule) -> &'static str {
    interned(&rule.noqa_code().to_string())
}

/// The name of a rule that exists.
pub(crate) fn interned(code: &str) -> &'static str {
    codes().get(code).copied().unwrap_or("ruff")
}

/// How much a rule matters. Ruff does not say; this is what reviewers make of its groups.
pub(crate) fn severity(code: &str) -> Severity {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| code.starts_with(prefix));
    if starts(&["F82", "F63", "F7", "E9"]) {
        return Severity::Error;
    }
    // Style among the groups that are about bugs.
    if starts(&["F401", "F541", "B00", "B905", "S101"]) && !starts(&["B006", "B008"]) {
        return Severity::Info;
    }
    if starts(&["F", "B", "S", "ASYNC", "E722"]) && !starts(&["FAST", "FBT", "FIX", "FURB", "SIM"]) {
        Severity::Warning
    } else {
        Severity::Info
    }
}

/// The first sentence of a section of a rule's page.
pub(crate) fn why(code: &str) -> String {
    let Some(text) = Rule::from_code(code).ok().and_then(|rule| rule.explanation()) else { return String::new() };
    let Some((_, section)) = text.split_once("## Why is this bad?") else { return String::new() };
    let paragraph = section.trim_start().split("\n\n").next().unwrap_or_default();
    let line = paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    // Links of the page point to ruff's site.
    line.replace(['[', ']'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_known_by_code() {
        let rule = explain("F401").expect("ruff has it");
        assert_eq!((rule.code, &*rule.name), ("F401", "unused-import"));
        assert!(rule.text.contains("## Why is this bad?"));
        assert!(explain("ZZZ999").is_none());
        assert!(why("F401").contains("import"), "{}", why("F401"));
    }

    #[test]
    fn selectors_are_codes_and_prefixes() {
        for selector in ["E", "E501", "ASYNC", "PLR2004", "FAST"] {
            assert!(is_selector(selector), "{selector}");
        }
        for other in ["route-shadowed", "endpoints", "XYZ", "ALL", ""] {
            assert!(!is_selector(other), "{other}");
        }
    }

    #[test]
    fn what_breaks_is_an_error_and_taste_is_not() {
        assert_eq!(severity("F821"), Severity::Error);
        assert_eq!(severity("B006"), Severity::Warning);
        assert_eq!(severity("S608"), Severity::Warning);
        assert_eq!(severity("ASYNC210"), Severity::Warning);
        assert_eq!(severity("FAST002"), Severity::Info);
        assert_eq!(severity("SIM102"), Severity::Info);
        assert_eq!(severity("E501"), Severity::Info);
    }
}
