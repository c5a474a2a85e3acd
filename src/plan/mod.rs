//! From the checked image and the facts to what will be done, without doing any of it.
