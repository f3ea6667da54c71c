//! Python as a program: files, modules, names, values, and an evaluator that runs a program abstractly.
//!
//! Invariants: this is the only crate that names `ruff_*` for syntax, and it knows no framework. Libraries are taught
//! to it from outside as *model modules* ([`Library`]): small Python modules that stand in for the real ones.

mod body;
mod call_index;
mod chains;
pub mod code;
mod eval;
mod facts;
pub mod flow;
mod imported;
mod measured;
mod namespace;
mod orders;
mod parse;
mod pieces;
mod prefetch;
mod project;
mod reduced;
mod rewritten;
mod shelf;
mod stdlib;
mod strings;
mod turned;
mod value;
mod varies;
mod volume;
mod ways;

pub use body::{Body, Call, Read, body};
pub use call_index::{CallSite, call_sites};
pub use chains::Linked;
pub use eval::{Evaluator, Flow, ImportFailure, Setup, Sig, SigParam, is_program, title_case};
pub use facts::{Handler, handlers_around_yield, is_generator, method_calls};
pub use imported::named_by_imports;
pub use parse::{MAX_SOURCE_BYTES, Module, ModuleKind, ParseProblem, parse};
pub use pieces::{Pieces, pieces};
pub use prefetch::Ahead;
pub use project::{Environment, Library, Program, Roots};
pub use reduced::{Reduces, Reduction};
pub use strings::{Strings, strings};
pub use value::{
    CallArgs, ClassObject, DictKey, FunctionNode, FunctionObject, Interner, ModuleId, Object, ObjectId, ParamKind,
    Site, Sym, UnknownId, Value,
};
pub use volume::{Volume, parse_only};
