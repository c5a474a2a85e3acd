//! What our binary does when the graph runs it: stage, inspect.
