//! The service and its review as one page for a browser.
//!
//! The page is one file that asks nobody for anything: a policy in its head forbids every request, and allows the one
//! script and the one style sheet that it holds, by their hashes. What the project wrote stands in it as JSON alone
//! (`json.rs`), and the script makes text of it, never markup. The same service gives the same bytes.
//!
//! What the JSON holds is between this module and `assets/`, and no format that others may rely on: those are
//! `map --format json` and `review --format json`.
//!
//! What many endpoints share (dependencies, steps, errors, lines of code) is gathered once and named by number.
//! `assets/` has the frame, the style sheet and the script, a file a subject, put together without a build step.
//!
//! The project under review may be hostile, and the page is where its names could become code. Three things stand
//! against that, each enough by itself: the JSON has no letter that HTML could read as markup, the script makes text
//! nodes and nothing else (a test looks for other ways), and the policy. Thousands of rows are drawn as they come into
//! sight, code and steps when they are unfolded.

mod data;
mod endpoints;
mod findings;
mod json;
mod nodes;
mod sources;
mod tables;

use architect_model::Service;
use architect_source::{Finding, base64_of_sha256};

/// What a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What was looked at.
    pub service: &'a Service,
    /// What is said of it, what matters most first.
    pub findings: &'a [Finding],
    /// How many findings are not shown: suppressed by comments, or known from a baseline.
    pub left_out: LeftOut,
    /// Where it opens, as the part of its address after `#`: `/`, `/findings`, `/endpoints`.
    pub opens_at: &'a str,
    /// The version of this program.
    pub version: &'a str,
}

/// Findings that a page counts and does not show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Suppressed by comments.
    pub suppressed: usize,
    /// Known from a baseline.
    pub known: usize,
}

/// The frame that holds everything; its `{{names}}` are filled in.
const FRAME: &str = include_str!("assets/page.html");

/// Parts of the style sheet, in order.
const STYLES: &[&str] = &[
    include_str!("assets/base.css"),
    include_str!("assets/parts.css"),
    include_str!("assets/code.css"),
    include_str!("assets/overview.css"),
    include_str!("assets/endpoints.css"),
    include_str!("assets/endpoint.css"),
    include_str!("assets/findings.css"),
    include_str!("assets/tables.css"),
    include_str!("assets/diagrams.css"),
    include_str!("assets/narrow.css"),
    include_str!("assets/print.css"),
];

/// Parts of the script, in order. They make one module and share its scope.
const SCRIPTS: &[&str] = &[
    include_str!("assets/dom.js"),
    include_str!("assets/data.js"),
    include_str!("assets/parts.js"),
    include_str!("assets/rows.js"),
    include_str!("assets/overview.js"),
    include_str!("assets/endpoints.js"),
    include_str!("assets/endpoint.js"),
    include_str!("assets/findings.js"),
    include_str!("assets/graph.js"),
    include_str!("assets/diagrams.js"),
    include_str!("assets/routers.js"),
    include_str!("assets/dependencies.js"),
    include_str!("assets/tables.js"),
    include_str!("assets/main.js"),
];

/// The page.
#[must_use]
pub fn html(page: &Page<'_>) -> String {
    let style = STYLES.concat();
    let script = SCRIPTS.concat();
    let data = json::embedded(&data::Data::new(page));
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        source_of(&script),
        source_of(&style)
    );
    let values = [("policy", &policy), ("style", &style), ("data", &data), ("script", &script)];
    fill(FRAME, &values)
}

/// How a policy names a text that may be part of the page.
fn source_of(text: &str) -> String {
    format!("sha256-{}", base64_of_sha256(text.as_bytes()))
}

/// The frame with its `{{names}}` replaced, in one pass: what is filled in is never read again.
fn fill(frame: &str, values: &[(&str, &String)]) -> String {
    let mut parts = frame.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out.push_str(value);
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use architect_source::{Confidence, Location, Severity};

    use super::*;
    use crate::map::sample;

    /// Names as somebody would choose who wants to break out of the page.
    const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\u{202e}\u{1b}[31m\u{2028}]]>{{script}}";

    fn finding() -> Finding {
        Finding {
            rule: "route-shadowed",
            group: "endpoints",
            severity: Severity::Error,
            confidence: Confidence::High,
            message: HOSTILE.into(),
            subject: "GET /v1/users".into(),
            location: Location {
                path: "app/users.py".into(),
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 4,
                start: 0,
                end: 3,
            },
            trace: Vec::new(),
            why: HOSTILE.into(),
            help: HOSTILE.into(),
            trade_off: String::new(),
            fix: None,
        }
    }

    fn page_of(service: &Service) -> String {
        page_with(service, &[finding()])
    }

    fn page_with(service: &Service, findings: &[Finding]) -> String {
        html(&Page { service, findings, left_out: LeftOut::default(), opens_at: "/", version: "0" })
    }

    fn data_of(page: &str) -> serde_json::Value {
        let from = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap().1;
        serde_json::from_str(from.split_once("</script>").unwrap().0).unwrap()
    }

    #[test]
    fn nothing_of_the_project_is_markup() {
        let mut service = sample::service();
        service.root = HOSTILE.into();
        service.applications[0].title = Some(HOSTILE.into());
        let route = &mut service.applications[0].routes[1];
        route.path = HOSTILE.into();
        route.tags = vec![HOSTILE.into()];
        let text =
            architect_model::service::SourceText { text: format!("{}\n", HOSTILE.replace('\u{2028}', "")), lines: 1 };
        service.files.insert("app/users.py".into(), text);
        let page = page_of(&service);
        assert!(!page.contains("<img") && !page.contains("onerror=alert(1)>"));
        assert_eq!(page.matches("</script>").count(), 2, "that of the data and that of the script");
        let forbidden =
            |letter: char| letter.is_control() && letter != '\n' || ('\u{2028}'..='\u{202e}').contains(&letter);
        assert_eq!(page.chars().find(|letter| forbidden(*letter)), None);
        let data = data_of(&page);
        let visible = "</script><img src=x onerror=alert(1)>\\u{202e}\\u{1b}[31m\\u{2028}]]>{{script}}";
        assert_eq!(data["root"], visible);
        assert_eq!(data["endpoints"][1]["path"], visible);
        assert_eq!(data["findings"][0]["message"], visible);
        let line = data["lines"]["0"]["1"].as_str().unwrap_or_default();
        assert!(line.starts_with("</script><img"), "{data:#}");
        assert!(!line.contains(['\u{1b}', '\u{202e}']), "{line:?}");
    }

    #[test]
    fn nothing_is_asked_for() {
        let page = page_with(&sample::service(), &[]);
        for request in
            ["http://", "https://", "src=", "href=\"h", "url(", "@import", "import(", "fetch(", "XMLHttp", "WebSocket("]
        {
            assert!(!page.contains(request), "{request}");
        }
        let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn the_script_makes_text_and_no_markup() {
        let script = SCRIPTS.concat();
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
            "DOMParser",
        ] {
            assert!(!script.contains(way), "{way}");
        }
        assert!(!script.contains("</script"), "it would end itself");
    }

    #[test]
    fn it_is_one_whole_document_and_the_same_each_time() {
        let page = page_with(&sample::service(), &[]);
        assert_eq!(page, page_with(&sample::service(), &[]));
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\""));
        assert!(page.ends_with("</html>\n"));
        for tag in ["html", "head", "body", "style", "title", "main"] {
            assert_eq!(page.matches(&format!("</{tag}>")).count(), 1, "{tag}");
        }
        for name in ["policy", "style", "data", "script"] {
            assert!(!page.contains(&format!("{{{{{name}}}}}")), "{name} is filled in");
        }
    }

    #[test]
    fn an_empty_service_has_a_page() {
        let data = data_of(&page_of(&Service::default()));
        assert_eq!(data["endpoints"], serde_json::json!([]));
        assert_eq!(data["findings"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn findings_are_known_to_the_endpoints_they_are_about() {
        let data = data_of(&page_of(&sample::service()));
        let about: Vec<_> =
            data["endpoints"].as_array().unwrap().iter().map(|endpoint| endpoint["findings"].clone()).collect();
        assert_eq!(about[1], serde_json::json!([0]), "GET /v1/users is its subject");
        assert_eq!(about[0], serde_json::json!([]), "/health is not");
    }

    #[test]
    fn equal_dependency_trees_are_written_once() {
        let data = data_of(&page_of(&sample::service()));
        let calls: Vec<_> = data["nodes"].as_array().unwrap().iter().map(|node| node["call"].clone()).collect();
        assert_eq!(calls, ["app.deps:get_db", "app.deps:get_user"]);
        assert_eq!(data["endpoints"][2]["needs"], serde_json::json!([1, 0]));
    }
}
