//! The steps that our own binary runs inside the graph: their requests and their reports.
