//! What a `setup.cfg` declares (Setuptools, "Configuring setuptools using `setup.cfg` files").

/// Its name.
pub(super) const FILE: &str = "setup.cfg";

/// The programs that installing the package makes: the names of `console_scripts` in the section
/// `options.entry_points`.
pub(super) fn scripts(text: &str) -> Vec<String> {
    let (mut section, mut key) = ("", "");
    let mut found = Vec::new();
    for line in text.lines() {
        let (is_more, line) = (line.starts_with([' ', '\t']), line.trim());
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let value = match line.split_once('=') {
            _ if is_more => line,
            Some((name, value)) => {
                key = name.trim();
                value
            }
            None => {
                (section, key) = (line.trim_matches(['[', ']']), "");
                continue;
            }
        };
        if (section, key) == ("options.entry_points", "console_scripts") {
            found.extend(value.split_once('=').map(|(name, _)| name.trim().to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_console_scripts_are_programs() {
        let text = "[metadata]\nname = x\n[options.entry_points]\n# why\ngui_scripts =\n  gui = x:gui\n\
            console_scripts =\n\tone = x:main\n\n    two=x.two:main [extra]\nother = three = x\n[flake8]\n  four = 4\n";
        assert_eq!(scripts(text), ["one", "two"]);
        assert_eq!(scripts("[options.entry_points]\nconsole_scripts = one = x:main\n"), ["one"]);
        for none in ["", "=", "[", "console_scripts = a = b", "[options.entry_points]\n a = b\n"] {
            assert_eq!(scripts(none), [""; 0], "{none}");
        }
    }
}
