//! What every topic promises: its examples reach every case, from both sides of each threshold.

use std::collections::BTreeSet;

use architect_advice::{Settled, Topic, advise, input, inputs, topics};

fn answers(topic: &Topic, with: &std::collections::BTreeMap<String, String>) -> Settled {
    with.iter()
        .map(|(id, value)| {
            assert!(topic.inputs.contains(id), "{}: no question {id}", topic.id);
            let input = input(id).unwrap_or_else(|| panic!("{}: no question {id}", topic.id));
            (input.id.as_str(), input.parse(value).unwrap_or_else(|why| panic!("{}: {id}: {why}", topic.id)))
        })
        .collect()
}

#[test]
fn examples_reach_every_case_with_the_numbers_they_name() {
    for topic in topics() {
        let mut reached = BTreeSet::new();
        for example in &topic.examples {
            let advice = advise(topic, &[], &answers(topic, &example.with));
            assert_eq!(advice.case, example.case, "{}: {:?}", topic.id, example.with);
            for part in &example.shows {
                let lines = &advice.arithmetic;
                assert!(lines.iter().any(|line| line.contains(part)), "{}: {part:?} in {lines:#?}", topic.id);
            }
            reached.insert(advice.case);
        }
        let cases: BTreeSet<&str> = topic.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(reached, cases, "{}: an example for every case", topic.id);
        assert_eq!(cases.len(), topic.cases.len(), "{}: a case twice", topic.id);
    }
}

#[test]
fn every_number_in_a_condition_has_an_example_on_each_side() {
    for topic in topics() {
        for case in &topic.cases {
            let words: Vec<&str> = case.when.split_whitespace().collect();
            for window in words.windows(3) {
                let (name, operator) = (window[0].trim_matches(['(', ')']), window[1]);
                let Ok(limit) = window[2].trim_matches(['(', ')']).parse::<f64>() else { continue };
                let id = name.replace('_', "-");
                let is_comparison = [">", ">=", "<", "<=", "=="].contains(&operator);
                if !is_comparison || !topic.inputs.contains(&id) {
                    continue;
                }
                let given: Vec<f64> = topic
                    .examples
                    .iter()
                    .map(|example| {
                        example.with.get(&id).map_or_else(|| input(&id).unwrap().usual.clone(), Clone::clone)
                    })
                    .filter_map(|value| value.parse().ok())
                    .collect();
                let holds = |value: &f64| match operator {
                    ">" => *value > limit,
                    ">=" => *value >= limit,
                    "<" => *value < limit,
                    "<=" => *value <= limit,
                    _ => (*value - limit).abs() < f64::EPSILON,
                };
                assert!(given.iter().any(holds), "{}: nothing beyond {} {limit}", topic.id, window[1]);
                assert!(!given.iter().all(holds), "{}: nothing before {} {limit}", topic.id, window[1]);
            }
        }
    }
}

#[test]
fn texts_are_complete_whatever_is_answered() {
    for topic in topics() {
        assert_eq!(topic.inputs().count(), topic.inputs.len(), "{}: a question that is not there", topic.id);
        assert!(topic.asks.ends_with('?'), "{}", topic.asks);
        assert!(!topic.alternatives.is_empty() && !topic.sources.is_empty() && !topic.migration_path.is_empty());
        for source in &topic.sources {
            assert!(source.url.starts_with("https://"), "{}", source.url);
        }
        for example in &topic.examples {
            let advice = advise(topic, &[], &answers(topic, &example.with));
            let texts = [&advice.why, &advice.changes_when, &advice.arithmetic].into_iter().flatten();
            for text in texts.chain([&advice.recommendation]) {
                assert!(!text.contains("{{") && !text.contains("{%") && !text.contains("NaN"), "{}: {text}", topic.id);
            }
        }
    }
}

#[test]
fn what_is_not_answered_is_asked_and_said() {
    let topic = architect_advice::topic("pool-size").expect("a topic");
    let nothing = advise(topic, &[], &Settled::new());
    assert_eq!(nothing.questions.len(), topic.inputs.len());
    assert_eq!(nothing.assumptions.len(), topic.inputs.len());
    assert!(nothing.assumptions.contains(&"20 requests per second at the busiest time".to_owned()));
    let all: Settled = inputs().iter().map(|input| (input.id.as_str(), input.usual())).collect();
    let known = advise(topic, &[], &all);
    assert!(known.questions.is_empty() && known.assumptions.is_empty());
    assert_eq!(known.recommendation, nothing.recommendation);
}
