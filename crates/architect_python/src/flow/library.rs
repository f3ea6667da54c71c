//! What libraries do at request time is not known here: who knows it implements [`Library`].

use super::{Args, Frame, Machine, Node, Size, Val};
use crate::value::{ModuleId, ObjectId, Site, Sym, Value};

/// What Python decides by itself, whatever operators its operands have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decides {
    /// `a and b`: each operand but the last is asked whether it is true.
    And,
    /// `a or b`, likewise.
    Or,
    /// `not a`.
    Not,
    /// `a is b`.
    Is,
    /// `a is not b`.
    IsNot,
    /// `a in b`.
    In,
    /// `a not in b`.
    NotIn,
    /// `a < b < c`: the first comparison is asked whether it is true.
    Chain,
}

/// What libraries do when they are called; implemented where frameworks are known.
pub trait Library: Sized {
    /// What something that exists since import is at request time.
    fn adopt(m: &mut Machine<'_, '_, Self>, value: Value) -> Option<Val>;
    /// A value of which the type is known.
    fn of_type(m: &mut Machine<'_, '_, Self>, annotation: Value, name: Sym) -> Option<Val>;
    /// A call of something that is not read, or is a model, by its dotted path.
    fn call(m: &mut Machine<'_, '_, Self>, f: &mut Frame, path: &str, args: &Args, site: Site) -> Option<Val>;
    /// A call of a class of the program.
    fn instantiate(
        m: &mut Machine<'_, '_, Self>,
        f: &mut Frame,
        class: ObjectId,
        args: &Args,
        site: Site,
    ) -> Option<Val>;
    /// An attribute of a value of the library, or of an instance whose attribute is not known.
    fn attribute(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, name: Sym, site: Site) -> Option<Val>;
    /// An attribute of a class.
    fn class_attribute(m: &mut Machine<'_, '_, Self>, class: ObjectId, name: Sym) -> Option<Val>;
    /// Whether the assignment of an attribute was dealt with.
    fn set_attribute(
        m: &mut Machine<'_, '_, Self>,
        f: &mut Frame,
        object: Val,
        name: Sym,
        value: Val,
        site: Site,
    ) -> bool;
    /// A value is put into a list or set: what stands there then.
    fn put(m: &mut Machine<'_, '_, Self>, f: &mut Frame, list: Val, value: Val, site: Site) -> Val;
    /// A method of a value of the library.
    fn method(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, name: Sym, args: &Args, site: Site) -> Val;
    /// Whether a method of a value of the library has to be awaited.
    fn is_coroutine(m: &Machine<'_, '_, Self>, object: Val, name: Sym) -> bool;
    /// A block over a generator was left, and this is what the generator did then: what it means for the values of the
    /// function the block stands in.
    fn left(m: &mut Machine<'_, '_, Self>, f: &mut Frame, nodes: &[Node]);
    /// What iterating gives, and how often.
    fn iterate(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, site: Site) -> Option<(Val, Size)>;
    /// What `with` binds.
    fn enter(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, site: Site) -> Option<Val>;
    /// The end of a `with` block.
    fn exit(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, entered: Val, site: Site);
    /// One value for two of the library, where that says what both do.
    fn join(m: &mut Machine<'_, '_, Self>, left: Val, right: Val) -> Option<Val>;
    /// What a value was before a loop that made another one of it, as far as that matters after it.
    fn grown(m: &mut Machine<'_, '_, Self>, before: Val, after: Val) -> Option<Val>;
    /// Whether a value of the library says more than that nothing is known.
    fn tells(m: &Machine<'_, '_, Self>, val: Val) -> bool;
    /// A value decides which way to go and is used for nothing else: `if find_all():`.
    fn tested(m: &mut Machine<'_, '_, Self>, f: &mut Frame, val: Val, site: Site);
    /// A collection that has a name is asked whether there is anything in it: `if rows:`.
    fn asked(m: &mut Machine<'_, '_, Self>, f: &mut Frame, val: Val, site: Site);
    /// A value is measured: `len(rows)`.
    fn counted(m: &mut Machine<'_, '_, Self>, f: &mut Frame, val: Val, site: Site);
    /// A list is gone through, or cut: the list, one of its elements, and what the loop or comprehension is over, or the
    /// call that goes through it, or the cut.
    fn walked(m: &mut Machine<'_, '_, Self>, f: &mut Frame, list: Val, elem: Val, site: Site);
    /// An operator on values of the library.
    fn operator(m: &mut Machine<'_, '_, Self>, op: &str, left: Val, right: Val) -> Option<Val>;
    /// Python decides on operands of which one it asks for its truth, or compares without asking it, is a value of the
    /// library: what stands there then. `value` is what it would be without.
    fn decide(
        m: &mut Machine<'_, '_, Self>,
        f: &mut Frame,
        how: Decides,
        operands: &[(Val, Site)],
        value: Val,
        site: Site,
    ) -> Val;
    /// Something went on in an item of a value of the library: `value[index]`.
    fn item(m: &mut Machine<'_, '_, Self>, f: &mut Frame, object: Val, index: Val, site: Site) -> Option<Val>;
    /// What a value of the library gives when it is awaited: itself, where that is nothing special.
    fn awaited(m: &mut Machine<'_, '_, Self>, val: Val) -> Val;
    /// What a function returns or hands out of which no more is known than its annotation says, with the function.
    fn returned(m: &mut Machine<'_, '_, Self>, val: Val, function: Site) -> Val;
    /// A statement that is only a call whose coroutine nobody awaits.
    fn dropped(m: &mut Machine<'_, '_, Self>, f: &mut Frame, pending: Val, site: Site);
    /// Whether a handler has to expect that objects are not what they were: what the body of its `try` did may fail.
    fn may_fail(m: &mut Machine<'_, '_, Self>, body: &[Node]) -> bool;
    /// Whether a handler gives up a transaction.
    fn gives_up(m: &mut Machine<'_, '_, Self>, handler: &[Node]) -> bool;
    /// A handler begins after such a failure.
    fn failed(m: &mut Machine<'_, '_, Self>, f: &mut Frame);
    /// An attribute is read of, or set on, something that was looked for and may not be there, or the like of it is what
    /// a function returns, where `attribute` is nothing: where it was looked for.
    fn missing(
        m: &mut Machine<'_, '_, Self>,
        f: &mut Frame,
        object: Val,
        attribute: Option<Sym>,
        lookup: Site,
        site: Site,
    );
    /// Whether an instance of which only the class is known is what a caller sent: of the attributes that may be `None`
    /// those are the ones that callers leave out.
    fn is_sent(m: &mut Machine<'_, '_, Self>, object: Val) -> bool;
    /// A method of something that is not known is called.
    fn unknown_method(m: &mut Machine<'_, '_, Self>, f: &mut Frame, name: Sym, site: Site);
    /// Whether functions of a package of the environment are followed.
    fn follows(m: &Machine<'_, '_, Self>, module: ModuleId) -> bool;
}
