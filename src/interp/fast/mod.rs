//! The fast paths of specialised instructions: each checks what it was specialised for and answers None where that does
//! not hold; the loop then runs the generic form. Nothing here calls Python code, blocks or raises.
//!
//! | file | holds |
//! |---|---|
//! | `names` | globals and builtins by (table, offset) |
//! | `attributes` | attributes by shape, class version, module table |
//! | `calls` | frames of functions, bound methods and classes; native functions |
//! | `items` | subscripts and iteration |
//!
//! `specialize` chooses the forms and fills the caches. What makes a cached value good is said with each function.

pub mod attributes;
pub mod calls;
pub mod items;
pub mod names;
