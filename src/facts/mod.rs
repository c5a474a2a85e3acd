//! What is known of the world outside: questions that planning asks, and their answers.
