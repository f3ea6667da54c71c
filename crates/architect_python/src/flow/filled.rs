//! Names that are `None` when the modules have run and hold something by the time requests are served: what starts the
//! service fills them, in ways that are not followed.

use ruff_text_size::TextSize;

use super::{Frame, Library, Machine};
use crate::value::{ModuleId, ObjectId, Site, Sym, Value};

impl<L: Library> Machine<'_, '_, L> {
    /// Whether a global that is `None` is set by another function: one that says `global`, or code of another module.
    ///
    /// The function that asks and sets it itself makes what it needs when it is not there.
    pub(super) fn is_filled_later(&mut self, f: &Frame, module: ModuleId, name: Sym) -> bool {
        let key = (module, name);
        if !self.filled.contains_key(&key) {
            let places = self.filled_at(module, name);
            self.filled.insert(key, places);
        }
        let (own, elsewhere) = &self.filled[&key];
        let here = |at: &TextSize| f.module == module && f.whole.is_some_and(|whole| whole.contains(*at));
        !own.iter().any(here) && (*elsewhere || !own.is_empty())
    }

    /// Where functions of the module say that a name is global, and whether other modules set it.
    fn filled_at(&self, module: ModuleId, name: Sym) -> (Vec<TextSize>, bool) {
        let name = self.ev.names.text(name);
        let own = self.ev.program.module(module);
        let mut places = Vec::new();
        for (at, _) in own.text.match_indices("global ") {
            let line = own.text[at..].lines().next().unwrap_or_default();
            let is_named = line["global ".len()..].split(',').any(|one| one.trim() == name);
            if let (true, Ok(at)) = (is_named, u32::try_from(at)) {
                places.push(TextSize::new(at));
            }
        }
        let last = own.name.rsplit('.').next().unwrap_or_default();
        let assigned = format!("{last}.{name} = ");
        let program = self.ev.program;
        let others = program.project_modules.iter().filter(|id| **id != module);
        let elsewhere = others.map(|id| program.module(*id)).any(|other| other.text.contains(&assigned));
        (places, elsewhere)
    }

    /// Whether an attribute that is `None` is set by another method of its class than the one that asks.
    pub(super) fn is_filled_by_a_method(&mut self, f: &Frame, class: ObjectId, name: Sym) -> bool {
        let Some(site) = self.ev.class(Value::Obj(class)).and_then(|class| class.site) else { return false };
        let key = (class, name);
        if !self.filled_by_methods.contains_key(&key) {
            let places = self.assigned_in(site, name);
            self.filled_by_methods.insert(key, places);
        }
        let places = &self.filled_by_methods[&key];
        let here = |at: &TextSize| f.module == site.module && f.whole.is_some_and(|whole| whole.contains(*at));
        !places.is_empty() && !places.iter().any(here)
    }

    /// Where methods of a class give an attribute of their object something else than `None`.
    fn assigned_in(&self, class: Site, name: Sym) -> Vec<TextSize> {
        let sought = format!("self.{}", self.ev.names.text(name));
        let text = self.ev.program.module(class.module).source(class.range).unwrap_or_default();
        let assigned = text.match_indices(&sought).filter(|(at, _)| {
            let line = text[at + sought.len()..].lines().next().unwrap_or_default();
            let parts = line.split_once(" = ");
            parts
                .is_some_and(|(before, value)| (before.is_empty() || before.starts_with(':')) && value.trim() != "None")
        });
        assigned.filter_map(|(at, _)| Some(class.range.start() + TextSize::new(u32::try_from(at).ok()?))).collect()
    }
}
