//! Conditions, arithmetic and texts of topics: expressions and templates of minijinja over the inputs.
//!
//! Invariant: what a topic says is tried with every example it has, so that a mistake in one is found by the tests; at
//! run time it shows as itself and never as a panic.

use std::collections::BTreeMap;

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};

/// Values by variable.
pub type Values = BTreeMap<String, Value>;

/// The variable of an input: `requests-per-second` is `requests_per_second`.
pub fn variable(id: &str) -> String {
    id.replace('-', "_")
}

/// The value of an expression; a mistake in it is not a number.
pub fn number(expression: &str, values: &Values) -> f64 {
    evaluated(expression, values).ok().and_then(|value| f64::try_from(value).ok()).unwrap_or(f64::NAN)
}

/// Whether a condition is true; a mistake in it is not.
pub fn holds(condition: &str, values: &Values) -> bool {
    evaluated(condition, values).is_ok_and(|value| value.is_true())
}

/// A text with its values in it; a mistake shows as the text it was made of.
pub fn text(template: &str, values: &Values) -> String {
    environment().render_str(template, values).unwrap_or_else(|_| template.to_owned())
}

fn evaluated(expression: &str, values: &Values) -> Result<Value, minijinja::Error> {
    environment().compile_expression(expression)?.eval(values)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_function("ceil", f64::ceil);
    environment.add_function("floor", f64::floor);
    environment.add_function("max", f64::max);
    environment.add_function("min", f64::min);
    environment.set_formatter(|out, state, value| match f64::try_from(value.clone()) {
        Ok(number) if value.is_number() => Ok(out.write_str(&shown(number))?),
        _ => minijinja::escape_formatter(out, state, value),
    });
    environment
}

/// A number as people write it: `1,250`, `0.25`.
pub fn shown(number: f64) -> String {
    let digits = match number.abs() {
        n if n >= 100.0 || n.fract() == 0.0 => 0,
        n if n >= 1.0 => 1,
        n if n >= 0.1 => 2,
        _ => 4,
    };
    let text = format!("{number:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    part.into_iter().for_each(|part| {
        out.push('.');
        out.push_str(part);
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::topics;

    #[test]
    fn no_condition_calculation_or_text_of_a_topic_has_a_mistake() {
        for topic in topics() {
            let mut values: Values = topic.inputs().map(|input| (variable(&input.id), input.usual().value())).collect();
            let expression = |text: &str, values: &Values| {
                evaluated(text, values).unwrap_or_else(|why| panic!("{}: {text}: {why:#}", topic.id))
            };
            let template = |text: &str, values: &Values| {
                let made = environment().render_str(text, values);
                assert!(made.is_ok(), "{}: {text}: {:#}", topic.id, made.unwrap_err());
            };
            for step in &topic.arithmetic {
                let value = expression(&step.value, &values);
                values.insert(step.name.clone(), value);
                template(&step.text, &values);
            }
            for case in &topic.cases {
                expression(&case.when, &values);
                case.why.iter().chain([&case.recommend]).for_each(|text| template(text, &values));
            }
            topic.changes_when.iter().for_each(|text| template(text, &values));
            assert_eq!(topic.last().when, "true", "{}: the last case always applies", topic.id);
        }
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        let said = [0.0, 8.0, 1250.0, 1_000_000.4, 0.25, 2.55, 0.004, -1200.0].map(shown);
        assert_eq!(said, ["0", "8", "1,250", "1,000,000", "0.25", "2.5", "0.004", "-1,200"]);
    }

    #[test]
    fn a_mistake_is_neither_true_nor_a_panic() {
        let values = Values::new();
        assert!(!holds("nobody > 3", &values) && !holds("1 +", &values));
        assert!(number("nobody", &values).is_nan());
        assert_eq!(text("{{ nobody }}", &values), "{{ nobody }}");
    }
}
