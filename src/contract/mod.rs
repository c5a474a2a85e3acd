//! What may cross from builder to final, as plain data shared by plan and verify.
