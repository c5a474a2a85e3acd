//! The options of Python applications.

use super::value::Text;
use crate::text::Spanned;

words! {
    /// A manager of Python packages, by whose lock file dependencies are fetched.
    pub enum PythonManager {
        /// `requirements.txt` with what it includes, or `pylock.toml`, or the dependencies of `pyproject.toml` as they stand.
        Pip = "pip",
        /// `poetry.lock`.
        Poetry = "poetry",
        /// `uv.lock`.
        Uv = "uv",
        /// `Pipfile.lock`.
        Pipenv = "pipenv",
    }
    later { "pdm", "conda", "hatch", }
}

block! {
    /// Options of Python. Dependencies are fetched as files and installed offline; pip itself does not ship. What requirements and locks name by a path (projects, wheels) is installed with the application. A `build-constraints.txt` pins what builds from source.
    pub struct Python as "python" {
        /// The version of Python 3, from 3.8 on. Another number or implementation (`2.7`, `pypy3.10`), here or in `.python-version`, `.tool-versions`, `runtime.txt` or `Pipfile`, is an error, unless `build.base` names the builder; what else stands in these files (`system`, `latest`, a virtual environment's name) is passed over.
        "version" version: Option<Text> = "the newest that the application's own files allow";
        /// Which lock file counts.
        "package-manager" package_manager: Option<Spanned<PythonManager>> = "the one whose lock file is there";
        /// Extras of the application that are installed.
        "extras" extras: Vec<Text>;
        /// Dependency groups that are installed besides the usual ones.
        "groups" groups: Vec<Text>;
        /// Whether modules ship compiled as well: the program starts faster, the image is larger.
        "bytecode" bytecode: Option<Spanned<bool>> = "`true`";
    }
    foreign {
        "manager" => "write `package-manager`",
        "requirements" => "dependencies are found by their lock file; `package-manager` names one of several",
        "packages" => "dependencies stand in the application's own lock file",
        "dependencies" => "dependencies stand in the application's own lock file",
        "venv" => "there is always a virtual environment, at `.venv` in the program's directory",
        "entrypoint" => "write `runtime: {entrypoint: […]}`",
        "dev" => "name the group with `groups: [dev]`",
        "with" => "write `groups`",
    }
}
