//! Loops that only add up, choose or keep some of what they are over.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use crate::reduced::{Found, Reduces, Reduction, is_number};

/// What a loop makes of its elements, where it does nothing else.
pub(crate) fn in_loop(node: &ast::StmtFor) -> Option<Reduction> {
    let ast::Expr::Name(element) = &*node.target else { return None };
    if !node.orelse.is_empty() {
        return None;
    }
    let mut turn = Turn { found: Found::of(&element.id), how: None, kept: 0 };
    turn.body(&node.body, false).then_some(())?;
    let how = turn.how?;
    // A loop that counts everything is the number of rows.
    (!turn.found.is_empty()).then(|| turn.found.into(how))
}

struct Turn<'a> {
    found: Found<'a>,
    how: Option<Reduces>,
    /// How many statements keep elements: two parts of a list may be all of it.
    kept: usize,
}

impl Turn<'_> {
    /// Whether statements do nothing but reduce; `chosen` says whether they are reached for some elements only.
    fn body(&mut self, body: &[ast::Stmt], chosen: bool) -> bool {
        let mut chosen = chosen;
        body.iter().all(|stmt| {
            let fits = self.stmt(stmt, chosen);
            chosen |= matches!(stmt, ast::Stmt::If(node) if matches!(node.body.last(), Some(ast::Stmt::Continue(_))));
            fits
        })
    }

    fn stmt(&mut self, stmt: &ast::Stmt, chosen: bool) -> bool {
        match stmt {
            ast::Stmt::Continue(_) | ast::Stmt::Pass(_) => true,
            // Only what was found before ends a search.
            ast::Stmt::Break(_) => chosen && self.how == Some(Reduces::Find),
            ast::Stmt::Return(node) => chosen && self.returns(node.value.as_deref()),
            ast::Stmt::If(node) => {
                self.found.reads(&node.test)
                    && self.body_of(node)
                    && node.elif_else_clauses.iter().all(|clause| {
                        clause.test.as_ref().is_none_or(|test| self.found.reads(test)) && self.body(&clause.body, true)
                    })
            }
            ast::Stmt::AugAssign(node) => self.adds(node),
            ast::Stmt::Assign(node) => match &node.targets[..] {
                [ast::Expr::Subscript(target)] => self.counts(target, &node.value),
                _ => false,
            },
            ast::Stmt::Expr(node) => self.keeps(&node.value, chosen),
            _ => false,
        }
    }

    /// What is done where a test holds: the element that is the largest so far is kept, or one that was looked for.
    fn body_of(&mut self, node: &ast::StmtIf) -> bool {
        let is_element = |expr: &ast::Expr| matches!(expr, ast::Expr::Name(name) if name.id == self.found.element);
        if let [ast::Stmt::Assign(assign), rest @ ..] = &node.body[..]
            && let [ast::Expr::Name(best)] = &assign.targets[..]
            && is_element(&assign.value)
            && node.elif_else_clauses.is_empty()
        {
            return match rest {
                [] => match self.beats(&node.test, &best.id) {
                    Some(how) => self.is(how),
                    None => false,
                },
                [ast::Stmt::Break(_)] => self.is(Reduces::Find),
                _ => false,
            };
        }
        self.body(&node.body, true)
    }

    /// Whether a test compares the element with the best one so far: `best is None or row.at > best.at`.
    fn beats(&self, test: &ast::Expr, best: &str) -> Option<Reduces> {
        match test {
            ast::Expr::BoolOp(node) => node.values.iter().find_map(|value| self.beats(value, best)),
            ast::Expr::Compare(node) => {
                let ([op], [right]) = (&node.ops[..], &node.comparators[..]) else { return None };
                let of = |expr: &ast::Expr, name: &str| {
                    matches!(expr, ast::Expr::Attribute(node)
                        if matches!(&*node.value, ast::Expr::Name(owner) if owner.id == name))
                };
                let element = self.found.element;
                let straight = of(&node.left, element) && of(right, best);
                let turned = of(&node.left, best) && of(right, element);
                match op {
                    _ if straight == turned => None,
                    ast::CmpOp::Gt | ast::CmpOp::GtE => Some(if straight { Reduces::Greatest } else { Reduces::Least }),
                    ast::CmpOp::Lt | ast::CmpOp::LtE => Some(if straight { Reduces::Least } else { Reduces::Greatest }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Notes what is done; whether it goes with what is done beside it.
    fn is(&mut self, own: Reduces) -> bool {
        let goes = match self.how {
            None => true,
            Some(known) => known == own && !own.keeps(),
        };
        self.how = Some(own);
        goes
    }

    fn returns(&mut self, value: Option<&ast::Expr>) -> bool {
        match value {
            Some(ast::Expr::BooleanLiteral(_)) => self.is(Reduces::Test),
            Some(value) if self.found.mentions(value) => self.is(Reduces::Find),
            _ => false,
        }
    }

    /// `total += row.amount`, `counts[row.state] += 1`.
    fn adds(&mut self, node: &ast::StmtAugAssign) -> bool {
        let own = match &*node.target {
            ast::Expr::Name(_) if is_number(&node.value) => Reduces::Count,
            ast::Expr::Name(_) => Reduces::Sum,
            ast::Expr::Subscript(target) => {
                if !target.value.is_name_expr() || !self.found.reads(&target.slice) {
                    return false;
                }
                Reduces::Group
            }
            _ => return false,
        };
        self.sums(own) && matches!(node.op, ast::Operator::Add | ast::Operator::Sub) && self.found.reads(&node.value)
    }

    /// Several sums are one, and sums for groups are groups.
    fn sums(&mut self, own: Reduces) -> bool {
        let sums = |how| matches!(how, Reduces::Sum | Reduces::Count | Reduces::Group);
        if self.how.is_some_and(|known| !sums(known)) {
            return false;
        }
        self.how = Some(match self.how {
            None => own,
            Some(known) if known == own => own,
            Some(Reduces::Group) => Reduces::Group,
            Some(_) if own == Reduces::Group => own,
            Some(_) => Reduces::Sum,
        });
        true
    }

    /// `counts[row.state] = counts.get(row.state, 0) + 1`.
    fn counts(&mut self, target: &ast::ExprSubscript, value: &ast::Expr) -> bool {
        let (ast::Expr::Name(groups), ast::Expr::BinOp(sum)) = (&*target.value, value) else { return false };
        let before = match &*sum.left {
            ast::Expr::Subscript(node) => Some((&*node.value, &*node.slice)),
            ast::Expr::Call(call) => match (&*call.func, call.arguments.args.first()) {
                (ast::Expr::Attribute(method), Some(key)) if method.attr.as_str() == "get" => {
                    Some((&*method.value, key))
                }
                _ => None,
            },
            _ => None,
        };
        let Some((ast::Expr::Name(list), key)) = before else { return false };
        list.id == groups.id
            && sum.op == ast::Operator::Add
            && self.found.reads(&target.slice)
            && self.found.reads(key)
            && self.found.reads(&sum.right)
            && self.sums(Reduces::Group)
    }

    /// `kept.append(row)` for some of them, `names.add(row.name)`.
    fn keeps(&mut self, expr: &ast::Expr, chosen: bool) -> bool {
        let ast::Expr::Call(call) = expr else { return false };
        let (ast::Expr::Attribute(method), [value]) = (&*call.func, &call.arguments.args[..]) else { return false };
        if !method.value.is_name_expr() || !call.arguments.keywords.is_empty() {
            return false;
        }
        match method.attr.as_str() {
            "append" if chosen && !self.found.is_empty() && self.found.mentions(value) => {
                self.kept += 1;
                // What is made of each is known here: another statement in it asks for more than the row.
                self.kept == 1 && !value.is_await_expr() && self.is(Reduces::Filter)
            }
            "add" if value.range() != call.range() && value.is_attribute_expr() => {
                self.found.reads(value) && self.is(Reduces::Distinct)
            }
            _ => false,
        }
    }
}
