//! Engines, and objects that do not fit what is made of them.

use std::collections::BTreeMap;

use architect_source::Location;

/// A model that cannot be made of the object it is given.
#[derive(Clone, Debug)]
pub struct ShapeFact {
    /// The model, as `module:qualname`.
    pub model: String,
    /// The mapped class of the object, as `module:qualname`.
    pub class: String,
    /// What does not fit.
    pub misfit: Misfit,
    /// Where the model is made: the endpoint whose answer it is, or the call.
    pub location: Location,
    /// Where the field, else the model, is defined.
    pub declared: Location,
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The object has nothing for this field, which is required.
    Missing(String),
    /// `model_validate` is given the object, and the model reads no attributes (`from_attributes`).
    NoAttributes,
}

/// An endpoint without a response model that answers rows of a mapped class: all their loaded columns.
#[derive(Clone, Debug)]
pub struct RawAnswer {
    /// Where the endpoint is registered.
    pub location: Location,
    /// The mapped class, as `module:qualname`.
    pub class: String,
}

/// A database engine that exists after import.
#[derive(Clone, Debug)]
pub struct EngineFact {
    /// Whether it is one of asyncio.
    pub is_async: bool,
    /// The dialect in its URL, such as `postgresql`.
    pub dialect: Option<String>,
    /// The driver in its URL, such as `asyncpg`.
    pub driver: Option<String>,
    /// What else it is told: keywords, each with its value where that is a number, a truth value or the name of a class.
    pub options: BTreeMap<String, Option<String>>,
    /// Whether it is told more than can be seen: `**options`.
    pub open: bool,
    /// Where it is made.
    pub location: Location,
}
