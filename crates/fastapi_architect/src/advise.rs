//! `advise`: a decision from the circumstances and the facts of a service.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use architect_advice::{Advice, Fact, Settled, advise, facts, input, inputs, stated, topic, topics};
use architect_source::{FileSystem as _, OsFileSystem, create_file, read_named, reason, replace_files};
use architect_views::advice as view;

use crate::args::{Advise, AdviseFormat, Global};
use crate::{Outcome, ask, context, suggest, wire};

/// Folders in which projects keep decision records, one file each; the first that is there is used.
const FOLDERS: &[&str] = &[
    "docs/decisions",
    "docs/adr",
    "docs/adrs",
    "docs/architecture/decisions",
    "doc/adr",
    "doc/decisions",
    "adr",
    "decisions",
];
/// Documents that hold all decisions of a project, a section each.
const DOCUMENTS: &[&str] = &["docs/DECISIONS.md", "DECISIONS.md"];

/// Decides on a topic and prints what led to it, or lists the topics.
///
/// # Errors
/// When the topic or an answer is none there is, or the service cannot be read, or the record not be written.
pub fn run(options: &Advise, global: &Global) -> Result<Outcome, String> {
    let mut answers = answers(&options.answer)?;
    let Some(wanted) = &options.topic else {
        if options.record {
            return Err("--record needs a topic; `fastapi-architect advise` lists them".to_owned());
        }
        list(options.format, global)?;
        return Ok(Outcome::Clean);
    };
    let topic = topic(wanted).ok_or_else(|| {
        let all: Vec<&str> = topics().iter().map(|topic| topic.id.as_str()).collect();
        format!("no topic {wanted:?}{}", possible(wanted, &all))
    })?;
    let known = known(&options.project, global)?;
    let mut advice = advise(topic, &known, &answers);
    if !advice.questions.is_empty() && !options.yes && io::stdin().is_terminal() && io::stderr().is_terminal() {
        ask_for(&advice, &mut answers)?;
        advice = advise(topic, &known, &answers);
    }
    if options.record {
        return record(&advice, options, global);
    }
    match options.format {
        AdviseFormat::Text => context::print(&view::text(&advice), global)?,
        AdviseFormat::Markdown => context::print(&view::markdown(&advice), global)?,
        AdviseFormat::Json => context::print_json(&wire::advice::Advised::new(&advice), global)?,
    }
    Ok(Outcome::Clean)
}

fn list(format: AdviseFormat, global: &Global) -> Result<(), String> {
    match format {
        AdviseFormat::Text => context::print(&view::list(topics()), global),
        AdviseFormat::Markdown => context::print(&view::markdown_list(topics()), global),
        AdviseFormat::Json => context::print_json(&wire::advice::Topics::new(topics()), global),
    }
}

fn answers(given: &[String]) -> Result<Settled, String> {
    let mut out = Settled::new();
    for text in given {
        let (id, value) = text.split_once('=').ok_or_else(|| format!("--answer {text}: write ID=VALUE"))?;
        let input = input(id.trim()).ok_or_else(|| {
            let all: Vec<&str> = inputs().iter().map(|input| input.id.as_str()).collect();
            format!("--answer {text}: no question {:?}{}", id.trim(), possible(id.trim(), &all))
        })?;
        out.insert(&input.id, input.parse(value).map_err(|why| format!("--answer {}: {why}", input.id))?);
    }
    Ok(out)
}

/// The name that was meant, or else all there are.
fn possible(wanted: &str, names: &[&str]) -> String {
    match suggest::closest(wanted, names.iter().copied()) {
        Some(name) => format!("; did you mean {name}?"),
        None => format!("; there are {}", names.join(", ")),
    }
}

/// What the configuration and the code say. A folder without Python says nothing.
fn known(project: &Path, global: &Global) -> Result<Vec<Fact>, String> {
    context::check_folder(&OsFileSystem, project)?;
    let mut out = stated(&global.stated.context);
    if !OsFileSystem.python_files(project).is_empty() {
        out.extend(facts(&context::conventions(project, global)?));
    }
    Ok(out)
}

/// Asks for what is not known; an empty answer leaves what is assumed.
fn ask_for(advice: &Advice, answers: &mut Settled) -> Result<(), String> {
    for input in &advice.questions {
        let options = if input.options.is_empty() { String::new() } else { format!(" ({})", input.options.join(", ")) };
        loop {
            let question = format!("{}{options} [{}]", input.question, input.usual());
            let answer = ask::line(&question, "use --answer, or --yes for what is assumed")?;
            if answer.is_empty() {
                break;
            }
            match input.parse(&answer) {
                Ok(setting) => {
                    answers.insert(&input.id, setting);
                    break;
                }
                Err(why) => context::complain(&why),
            }
        }
    }
    Ok(())
}

/// Writes the decision where the project keeps its decisions: a section of their document, or a file of its own.
fn record(advice: &Advice, options: &Advise, global: &Global) -> Result<Outcome, String> {
    let project = &options.project;
    let at = |path: &Path, error: &io::Error| format!("{}: {}", path.display(), reason(error));
    if let Some(document) = DOCUMENTS.iter().map(|name| project.join(name)).find(|path| OsFileSystem.is_file(path)) {
        let old = read_named(&document).map_err(|error| at(&document, &error))?;
        let old = String::from_utf8(old).map_err(|_| format!("{}: not UTF-8", document.display()))?;
        let new = format!("{}\n{}", old.trim_end(), view::section(advice));
        if options.dry_run {
            context::print(&view::section(advice), global)?;
            return Ok(Outcome::Clean);
        }
        within(project, &document)?;
        replace_files(&[(document.clone(), new.into_bytes())]).map_err(|error| at(&document, &error))?;
        context::print(&format!("{}: a section was added\n", document.display()), global)?;
        return Ok(Outcome::Clean);
    }
    let folder = FOLDERS.iter().map(|name| project.join(name)).find(|path| OsFileSystem.is_dir(path));
    let folder = folder.unwrap_or_else(|| project.join(FOLDERS[0]));
    let number = next_number(&folder);
    let path = folder.join(format!("{number:04}-{}.md", advice.topic.id));
    let text = view::record(advice, number);
    if options.dry_run {
        context::print(&format!("{}\n\n{text}", path.display()), global)?;
        return Ok(Outcome::Clean);
    }
    within(project, &path)?;
    create_file(&path, text.as_bytes()).map_err(|error| at(&path, &error))?;
    context::print(&format!("{}\n", path.display()), global)?;
    Ok(Outcome::Clean)
}

/// Refuses a place that a link leads out of the project.
fn within(project: &Path, path: &Path) -> Result<(), String> {
    let existing = path.ancestors().find(|one| OsFileSystem.kind(one).is_some()).unwrap_or(path);
    let (root, place) = (OsFileSystem.canonical(project), OsFileSystem.canonical(existing));
    if place.starts_with(&root) {
        return Ok(());
    }
    Err(format!("{}: a link leads out of the project, so nothing was written", path.display()))
}

/// One more than the highest number of a record.
fn next_number(folder: &Path) -> u32 {
    let files = OsFileSystem.list(folder);
    let number = |name: &str| name.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u32>().ok();
    files.iter().filter_map(|(name, _)| number(name)).max().unwrap_or(0).saturating_add(1)
}
