//! Advice as text, as Markdown and as a decision record.

use std::fmt::Write as _;

use architect_advice::{Advice, Fact, Topic};

use crate::escape::printable;

/// The topics, a line each.
#[must_use]
pub fn list(topics: &[Topic]) -> String {
    let width = topics.iter().map(|topic| topic.id.len()).max().unwrap_or(0);
    topics.iter().fold(String::new(), |mut out, topic| {
        let _ = writeln!(out, "{:width$}  {}", topic.id, topic.asks);
        out
    })
}

/// The topics as a Markdown list.
#[must_use]
pub fn markdown_list(topics: &[Topic]) -> String {
    topics.iter().fold(String::from("# Topics\n\n"), |mut out, topic| {
        let _ = writeln!(out, "- `{}`: {}", topic.id, topic.asks);
        out
    })
}

/// For people at a terminal.
#[must_use]
pub fn text(advice: &Advice) -> String {
    let mut out = format!("{}: {}\n\n", advice.topic.title, advice.topic.asks);
    out.push_str(&wrapped("", &advice.recommendation));
    let mut section = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = write!(out, "\n{title}\n");
            lines.iter().for_each(|line| out.push_str(&wrapped("  - ", line)));
        }
    };
    section("Why", &advice.why);
    section("Arithmetic", &advice.arithmetic);
    section("Read from the service", &advice.facts.iter().map(fact).collect::<Vec<_>>());
    section("Assumed, because nobody said", &assumptions(advice));
    section("The answer changes", &advice.changes_when);
    section("Alternatives", &alternatives(advice));
    section("The way from one to the next", advice.migration_path);
    section("Sources", &sources(advice, false));
    printable_lines(&out)
}

/// For documents and pull requests.
#[must_use]
pub fn markdown(advice: &Advice) -> String {
    format!("# {}\n\n{}\n\n{}", advice.topic.title, advice.topic.asks, body(advice, 2))
}

/// A decision record with the number it has among others.
#[must_use]
pub fn record(advice: &Advice, number: u32) -> String {
    format!("# {number}. {}\n\nStatus: proposed\n\n{}\n\n{}", advice.topic.title, advice.topic.asks, body(advice, 2))
}

/// A section for a document of decisions.
#[must_use]
pub fn section(advice: &Advice) -> String {
    format!("\n## {}\n\n{}", advice.topic.title, body(advice, 3))
}

fn body(advice: &Advice, level: usize) -> String {
    let mark = "#".repeat(level);
    let mut out = format!("{mark} Decision\n\n{}\n", advice.recommendation);
    let mut section = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = write!(out, "\n{mark} {title}\n\n");
            lines.iter().for_each(|line| {
                let _ = writeln!(out, "- {line}");
            });
        }
    };
    section("Why", &advice.why);
    section("Arithmetic", &advice.arithmetic);
    section("Facts of the service", &advice.facts.iter().map(fact).map(|text| escaped(&text)).collect::<Vec<_>>());
    section("Assumptions", &assumptions(advice));
    section("When the answer changes", &advice.changes_when);
    section("Alternatives", &alternatives(advice));
    section("Migration path", advice.migration_path);
    section("Sources", &sources(advice, true));
    out
}

fn fact(fact: &Fact) -> String {
    match &fact.location {
        Some(location) => format!("{} ({location})", fact.statement),
        None => fact.statement.clone(),
    }
}

/// What is assumed, with the option that says otherwise.
fn assumptions(advice: &Advice) -> Vec<String> {
    let questions = advice.questions.iter().zip(&advice.assumptions);
    questions.map(|(input, assumed)| format!("{assumed} (`--answer {}=…`)", input.id)).collect()
}

fn alternatives(advice: &Advice) -> Vec<String> {
    let one =
        |one: &architect_advice::Alternative| format!("{}. When: {} Price: {}", one.name, one.when, one.trade_offs);
    advice.alternatives.iter().map(one).collect()
}

fn sources(advice: &Advice, linked: bool) -> Vec<String> {
    let one = |source: &architect_advice::Source| {
        if linked { format!("[{}]({})", source.title, source.url) } else { format!("{}, {}", source.title, source.url) }
    };
    advice.sources.iter().map(one).collect()
}

/// Names of the project are no markup; code spans stay.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in printable(text).split('`').enumerate() {
        if at > 0 {
            out.push('`');
        }
        if at % 2 == 1 {
            out.push_str(part);
        } else {
            out.push_str(&part.replace('<', "&lt;").replace('[', "\\[").replace('*', "\\*").replace('_', "\\_"));
        }
    }
    out
}

/// Columns of a line.
const WIDTH: usize = 110;

fn wrapped(first: &str, text: &str) -> String {
    let mut out = String::from(first);
    let mut column = first.chars().count();
    let indent = " ".repeat(column);
    for (at, word) in text.split(' ').enumerate() {
        let width = word.chars().count();
        if at > 0 && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(&indent);
            column = indent.len();
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
    out
}

fn printable_lines(text: &str) -> String {
    text.lines().map(|line| printable(line) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use architect_advice::{Fact, Settled, advise, topic};

    use super::*;

    fn advice(facts: &[Fact]) -> Advice {
        advise(topic("pool-size").expect("a topic"), facts, &Settled::new())
    }

    #[test]
    fn every_form_has_the_decision_and_what_it_rests_on() {
        let advice = advice(&[]);
        for text in [text(&advice), markdown(&advice), record(&advice, 7), section(&advice)] {
            assert!(text.contains("pool_size=2"), "{text}");
            assert!(text.contains("20 requests/s x 25 ms held = 0.5 connections"), "{text}");
            assert!(text.contains("--answer processes=…"), "{text}");
            assert!(text.contains("PgBouncer"), "{text}");
        }
        assert!(record(&advice, 7).starts_with("# 7. Pool size\n\nStatus: proposed\n"));
        assert!(text(&advice).lines().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn names_of_the_project_are_neither_markup_nor_escapes() {
        let statement = "`a_b` is <b>called</b> x_y \u{1b}[31m".to_owned();
        let hostile = Fact { topics: vec!["pool-size"], statement, location: None, answers: None };
        let advice = advice(&[hostile]);
        assert!(markdown(&advice).contains("`a_b` is &lt;b>called&lt;/b> x\\_y "), "{}", markdown(&advice));
        assert!(!text(&advice).contains('\u{1b}') && !markdown(&advice).contains('\u{1b}'));
    }
}
