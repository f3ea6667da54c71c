//! `request.state`: what middleware and dependencies put there is found there; `request.app`: what start-up code put on it.

use architect_python::flow::{Args, Frame, V, Val};
use architect_python::{ObjectId, Site, Sym, Value};

use super::books::{Flow, make, thing};
use super::things::{Session, Thing};

/// What the second argument of a middleware is called here.
pub(super) const CALL_NEXT: &str = "<call_next>";

/// What a middleware calls to go on with a request.
pub(super) fn call_next(m: &mut Flow<'_, '_>) -> Val {
    let path = m.sym(CALL_NEXT);
    make(m, Thing::Opaque(path), Box::default())
}

/// A middleware goes on with a request: what it has put on it so far is there for all that comes.
pub(super) fn goes_on(m: &mut Flow<'_, '_>, args: &Args) {
    let state = m.sym("state");
    let attribute = |m: &Flow<'_, '_>, object: Val, name: Sym| match m.v(object) {
        V::Inst { attrs, .. } => attrs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value),
        _ => None,
    };
    let Some(state) = args.pos.first().and_then(|request| attribute(m, *request, state)) else { return };
    let V::Inst { attrs, .. } = m.v(state).clone() else { return };
    for (name, value) in attrs {
        // A session is the middleware's: whoever finds it neither opened it nor closes it.
        let value = match thing(m, value) {
            Some((Thing::Session(session), parts)) => {
                let session = Session { site: None, pending: Vec::new(), closed: false, ..session };
                make(m, Thing::Session(session), parts)
            }
            _ => value,
        };
        m.lib.state.retain(|(known, _)| *known != name);
        m.lib.state.push((name, value));
    }
    m.lib.state.sort_by_key(|(name, _)| *name);
}

/// `request.state` and `request.app` of a request.
pub(super) fn of_request(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    object: Val,
    class: ObjectId,
    name: Sym,
    site: Site,
) -> Option<Val> {
    let connection = m.lib.connection?;
    let is_app = m.name(name) == "app";
    if !is_app && m.name(name) != "state" || !m.ev.class(Value::Obj(class))?.mro.contains(&connection) {
        return None;
    }
    if is_app {
        let application = m.lib.application?;
        return Some(m.heap(Value::Obj(application)));
    }
    let attrs = m.lib.state.clone().into_boxed_slice();
    let state = m.make(V::Inst { class: connection, tag: 0, site: Some(site), attrs });
    let new = m.with(object, name, Some(state));
    m.replace(f, object, new);
    Some(state)
}
