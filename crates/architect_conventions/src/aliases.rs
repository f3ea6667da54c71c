//! Shared names for annotated dependencies: `SessionDep = Annotated[Session, Depends(get_db)]`.

use architect_model::Service;
use architect_model::code::Field;

/// A name at the top of a module that stands for an annotated dependency.
pub(crate) struct Alias<'s> {
    /// The module and the name: `app.deps:SessionDep`.
    pub name: String,
    /// Names of functions that are called for it.
    pub calls: Vec<&'s str>,
}

pub(crate) fn aliases(service: &Service) -> Vec<Alias<'_>> {
    let modules = service.code.modules.iter().filter(|module| !module.aside);
    modules
        .flat_map(|module| {
            module.values.iter().filter_map(move |field| {
                let calls = annotated(field)?;
                Some(Alias { name: format!("{}:{}", module.name, field.name), calls })
            })
        })
        .collect()
}

fn annotated(field: &Field) -> Option<Vec<&str>> {
    let value = field.value.as_ref()?;
    let head = value.text.split('[').next()?;
    let is = head.ends_with("Annotated") && ["Depends(", "Security("].iter().any(|call| value.text.contains(call));
    is.then(|| value.names.iter().map(String::as_str).collect())
}
