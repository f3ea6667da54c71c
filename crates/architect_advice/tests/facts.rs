//! What is read from small services, written as Markdown: the files, and in `facts.txt` what is to be said.
//!
//! A line is `TOPIC: STATEMENT @ PLACE`, with ` => QUESTION=ANSWER` where it answers one. Of the topics that a case
//! names, every fact has to be there, in that order; `TOPIC: nothing` says that there is none.

use std::path::Path;

use architect_advice::{Fact, Settled, advise, facts, topic};
use architect_mdtest::cases;
use architect_model::{Options, analyse};
use architect_source::MemoryFileSystem;

const EXPECTED: &str = "facts.txt";

#[test]
fn what_a_service_says() {
    let (cases, errors) = cases(include_str!("cases/facts.md"));
    assert!(errors.is_empty(), "{errors:?}");
    for case in cases.iter().filter(|case| !case.files.is_empty()) {
        let mut files = MemoryFileSystem::default();
        let mut expected = "";
        for block in &case.files {
            if block.path == EXPECTED {
                expected = &block.text;
            } else {
                files.write(format!("/project/{}", block.path), block.text.as_bytes());
            }
        }
        let project = Path::new("/project").to_path_buf();
        let options = Options { project, documents: true, code: true, conventions: true, ..Options::default() };
        let known = facts(&analyse(&files, &options).expect("the project folder is there"));
        let expected: Vec<&str> = expected.lines().filter(|line| !line.is_empty()).collect();
        assert!(!expected.is_empty(), "facts.md:{}: {} expects nothing", case.line, case.title);
        let mut wanted: Vec<&str> = Vec::new();
        for line in &expected {
            let topic = line.split(':').next().unwrap_or_default();
            if !wanted.contains(&topic) {
                wanted.push(topic);
            }
        }
        let said: Vec<String> = wanted.iter().flat_map(|topic| lines(topic, &known)).collect();
        let expected: Vec<&str> = expected.into_iter().filter(|line| !line.ends_with(": nothing")).collect();
        assert_eq!(said, expected, "facts.md:{}: {}", case.line, case.title);
    }
}

fn lines(topic: &str, known: &[Fact]) -> Vec<String> {
    let of_topic = known.iter().filter(|fact| fact.topics.contains(&topic));
    of_topic
        .map(|fact| {
            let place = fact.location.as_ref().map(|location| format!(" @ {location}")).unwrap_or_default();
            let answer = fact.answers.as_ref().map(|(id, setting)| format!(" => {id}={setting}")).unwrap_or_default();
            format!("{topic}: {}{place}{answer}", fact.statement)
        })
        .collect()
}

#[test]
fn what_the_code_answers_is_not_asked_and_an_answer_wins() {
    let topic = topic("password-hashing").expect("a topic");
    let mut files = MemoryFileSystem::default();
    files.write("/project/app/main.py", b"import bcrypt\nfrom fastapi import FastAPI\n\napp = FastAPI()\n");
    let project = Path::new("/project").to_path_buf();
    let options = Options { project, documents: true, code: true, conventions: true, ..Options::default() };
    let known = facts(&analyse(&files, &options).expect("the project folder is there"));
    let read = advise(topic, &known, &Settled::new());
    assert_eq!(read.case, "keep-bcrypt");
    assert!(read.questions.iter().all(|input| input.id != "existing-hashes"));
    let input = architect_advice::input("existing-hashes").expect("a question");
    let answers = Settled::from([(input.id.as_str(), input.parse("none").expect("an answer"))]);
    assert_eq!(advise(topic, &known, &answers).case, "argon2");
}
