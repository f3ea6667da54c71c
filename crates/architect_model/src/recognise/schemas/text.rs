//! Text of docstrings.

/// `inspect.cleandoc`.
pub(crate) fn clean_doc(text: &str) -> String {
    let expanded = text.replace('\t', "        ");
    let mut lines: Vec<String> = expanded.split('\n').map(str::to_owned).collect();
    let margin = lines
        .iter()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    if let Some(first) = lines.first_mut() {
        *first = first.trim_start().to_owned();
    }
    for line in lines.iter_mut().skip(1) {
        *line = line.get(margin.min(line.len())..).unwrap_or_default().to_owned();
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    while lines.first().is_some_and(String::is_empty) {
        lines.remove(0);
    }
    lines.join("\n")
}
