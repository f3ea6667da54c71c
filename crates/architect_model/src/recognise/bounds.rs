//! How much of a service is listed. Programs can build more routes and deeper dependency trees than anyone could read,
//! by including routers twice in a loop; what is left out is an unknown.

use architect_source::Location;

use super::Recogniser;

/// Routers that are read, as often as they are included.
const LEVELS: u32 = 5_000;
/// A mounted application counts as so many routers: it is listed with everything in it, once more for each around it.
const MOUNT: u32 = 20;
/// Routes.
const ROUTES: u32 = 50_000;
/// Nodes of all dependency trees.
const NODES: u32 = 400_000;
/// Nodes of the dependency tree of one endpoint.
const TREE: u32 = 4_000;

/// What is still listed.
pub(crate) struct Bounds {
    levels: u32,
    routes: u32,
    nodes: u32,
    tree: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { levels: LEVELS, routes: ROUTES, nodes: NODES, tree: TREE }
    }
}

impl Recogniser<'_> {
    /// Whether the routes of one more router are read.
    pub(super) fn may_read_router(&mut self) -> bool {
        self.may_read_levels(1)
    }

    /// Whether one more application inside another is read.
    pub(super) fn may_read_mounted(&mut self) -> bool {
        self.may_read_levels(MOUNT)
    }

    fn may_read_levels(&mut self, cost: u32) -> bool {
        let left = self.bounds.levels;
        self.bounds.levels = left.saturating_sub(cost);
        if left > 0 && self.bounds.levels == 0 {
            self.unknown("more routes", "there are too many included routers and mounted applications", "", None);
        }
        left > cost
    }

    /// Whether one more route is read.
    pub(super) fn may_read_route(&mut self) -> bool {
        let enough = take(&mut self.bounds.routes);
        if self.bounds.routes == 0 && enough {
            self.unknown("more routes", format!("there are more than {ROUTES}"), "", None);
        }
        enough
    }

    /// Starts the dependency tree of one endpoint.
    pub(super) fn start_tree(&mut self) {
        self.bounds.tree = TREE.min(self.bounds.nodes);
        self.bounds.nodes -= self.bounds.tree;
    }

    /// Ends it: what it did not need is there for others.
    pub(super) fn end_tree(&mut self) {
        self.bounds.nodes += std::mem::take(&mut self.bounds.tree);
    }

    /// Whether one more dependency is read.
    pub(super) fn may_read_dependency(&mut self, location: Option<&Location>) -> bool {
        let enough = take(&mut self.bounds.tree);
        if self.bounds.tree == 0 && enough {
            let what = format!("more dependencies of {}", self.current_endpoint.as_deref().unwrap_or("an application"));
            self.unknown(what, "the tree has too many parts to be listed", "", location.cloned());
        }
        enough
    }
}

/// Takes one, if there is one.
fn take(left: &mut u32) -> bool {
    let enough = *left > 0;
    *left = left.saturating_sub(1);
    enough
}
