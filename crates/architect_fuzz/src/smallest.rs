//! The smallest project that still fails.

use crate::Files;

/// Leaves out files, then lines, as long as it still fails and is asked at most `budget` times.
pub fn smallest(files: &Files, budget: usize, fails: &mut dyn FnMut(&Files) -> bool) -> Files {
    let mut budget = budget;
    let mut fails = |files: &Files| {
        let left = budget > 0;
        budget = budget.saturating_sub(1);
        left && fails(files)
    };
    let paths: Vec<String> = files.keys().cloned().collect();
    let subset = |paths: &[String]| -> Files {
        files.iter().filter(|(path, _)| paths.contains(path)).map(|(path, text)| (path.clone(), text.clone())).collect()
    };
    let kept = reduced(paths, &mut |paths| fails(&subset(paths)));
    let mut files = subset(&kept);
    for path in kept {
        let lines: Vec<String> = files[&path].split_inclusive('\n').map(str::to_owned).collect();
        let lines = reduced(lines, &mut |lines| {
            let mut tried = files.clone();
            tried.insert(path.clone(), lines.concat());
            fails(&tried)
        });
        files.insert(path, lines.concat());
    }
    files
}

/// Leaves out parts, large ones first, as long as the rest still fails.
fn reduced(items: Vec<String>, fails: &mut dyn FnMut(&[String]) -> bool) -> Vec<String> {
    let mut items = items;
    let mut size = items.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        while start < items.len() {
            let end = items.len().min(start + size);
            let rest = [&items[..start], &items[end..]].concat();
            if fails(&rest) {
                items = rest;
            } else {
                start = end;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_is_left_out() {
        let lines: String = (0..100).map(|number| format!("line {number}\n")).collect();
        let files: Files = [("a.py".to_owned(), lines.clone()), ("b.py".to_owned(), lines)].into();
        let mut fails = |files: &Files| {
            files.get("b.py").is_some_and(|text| text.contains("line 17\n") && text.contains("line 80\n"))
        };
        let found = smallest(&files, 1000, &mut fails);
        assert_eq!(found, [("b.py".to_owned(), "line 17\nline 80\n".to_owned())].into());
        assert_eq!(smallest(&found, 0, &mut fails), found);
    }
}
