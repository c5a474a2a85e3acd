//! From the plan to BuildKit's operations and the image configuration.
