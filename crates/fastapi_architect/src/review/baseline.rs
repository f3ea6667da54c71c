//! Baselines: what was known at some time, so that a review says only what is new.
//!
//! The file is made to be committed: sorted, one finding a line, without lines of code or numbers of lines.

use std::collections::BTreeMap;
use std::path::Path;

use architect_source::{Finding, read_named, reason, write_file};
use architect_views::escape;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::render::Compared;

const SCHEMA_VERSION: u32 = 1;

/// Known findings.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Goes up when a reader could break.
    schema_version: u32,
    /// Sorted.
    findings: Vec<Known>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
struct Known {
    /// The rule.
    rule: String,
    /// What it is about.
    subject: String,
    /// That of the finding.
    fingerprint: String,
    /// How many findings there are of this subject.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

/// Reads a baseline.
///
/// # Errors
/// In one line: when there is none or it is none.
pub fn read(path: &Path) -> Result<Baseline, String> {
    let refuse = |why: &str| format!("--baseline {}: {why}", path.display());
    let bytes =
        read_named(path).map_err(|error| refuse(&format!("{}; write it with --write-baseline", reason(&error))))?;
    let read: Baseline = serde_json::from_slice(&bytes).map_err(|error| refuse(&format!("not a baseline: {error}")))?;
    if read.schema_version != SCHEMA_VERSION {
        return Err(refuse("of another version of this program; write it again with --write-baseline"));
    }
    Ok(read)
}

/// Writes what is found as a baseline.
///
/// # Errors
/// In one line, when it cannot be written.
pub fn write(path: &Path, findings: &[Finding]) -> Result<(), String> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry((finding.rule, &finding.subject)).or_default() += 1;
    }
    let known = counts.into_iter().map(|((rule, subject), count)| Known {
        rule: rule.to_owned(),
        subject: subject.to_owned(),
        fingerprint: architect_source::fingerprint(rule, subject),
        count,
    });
    let lines: Result<Vec<String>, _> = known.map(|known| serde_json::to_string(&known)).collect();
    let lines = lines.map_err(|error| format!("cannot write JSON: {error}"))?;
    let list = if lines.is_empty() { String::new() } else { format!("\n  {}\n", lines.join(",\n  ")) };
    let text = format!("{{\"schema_version\": {SCHEMA_VERSION}, \"findings\": [{list}]}}\n");
    write_file(path, escape::json(&text).as_bytes())
        .map_err(|error| format!("--write-baseline {}: {}", path.display(), reason(&error)))
}

impl Baseline {
    /// Takes out what is known. What is gone is counted against `everything`, which no option has narrowed; rules that
    /// were not run (`ran`) are neither.
    pub fn compare(&self, findings: &mut Vec<Finding>, everything: &[Finding], ran: &dyn Fn(&str) -> bool) -> Compared {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for known in &self.findings {
            let count = left.entry(&known.fingerprint).or_default();
            *count = count.saturating_add(known.count);
        }
        let mut present: BTreeMap<String, usize> = BTreeMap::new();
        for finding in everything {
            *present.entry(finding.fingerprint()).or_default() += 1;
        }
        let gone = self
            .findings
            .iter()
            .filter(|known| ran(&known.rule))
            .map(|known| known.count.saturating_sub(present.get(&known.fingerprint).copied().unwrap_or_default()));
        // A file that somebody wrote may say any number.
        let fixed = gone.fold(0, usize::saturating_add);
        let before = findings.len();
        findings.retain(|finding| match left.get_mut(&*finding.fingerprint()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        Compared { known: before - findings.len(), fixed }
    }
}
