//! A YAML document as a tree of spanned values, with every syntax error located.
