//! What our binary does when the graph runs it: stage, inspect.

mod output;
mod stage;

pub use stage::stage;
