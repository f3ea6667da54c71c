//! Which modules of a project others of it import: what is left is where a program starts.

use ruff_python_ast as ast;
use rustc_hash::FxHashSet;

use crate::prefetch::imports;
use crate::project::Program;
use crate::value::ModuleId;

/// Modules that the import statements of other modules of the project name, those in functions and those for type
/// checkers aside.
#[must_use]
pub fn named_by_imports(program: &Program<'_>) -> FxHashSet<ModuleId> {
    let mut out = FxHashSet::default();
    for id in &program.project_modules {
        let module = program.module(*id);
        let mut add = |name: &str| out.extend(program.known(name).filter(|other| other != id));
        imports(&module.body, &mut |stmt| match stmt {
            ast::Stmt::Import(node) => node.names.iter().for_each(|alias| add(&alias.name)),
            ast::Stmt::ImportFrom(node) => {
                let base = module.absolute(node.level, node.module.as_deref());
                add(&base);
                node.names.iter().for_each(|alias| add(&format!("{base}.{}", alias.name)));
            }
            _ => {}
        });
    }
    out
}
