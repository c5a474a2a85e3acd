//! The options of sites of files.

use super::field::Format;
use super::value::Text;

block! {
    /// A site of files, served by nginx. With `node: {…}` beside it, Node builds the site; alone, its files are in the context. Files whose names begin with a dot do not ship, but for `.well-known`.
    pub struct Site as "static" {
        /// The directory of the site, relative to the application.
        "root" root: Option<Text> = "with Node the directory that its bundler writes, such as `dist` of Vite; alone the application's own", Format::PATH;
        /// The file of the site that answers where there is none, such as `index.html` for a site that routes in the browser.
        "fallback" fallback: Option<Text> = "none: what is not there is answered with 404, and with `404.html` if the site has one", Format::PATH;
    }
    foreign {
        "directory" => "write `root`",
        "path" => "write `root`",
        "output" => "write `root`",
        "spa" => "write `fallback: index.html`",
        "index" => "it is `index.html`; what answers where there is no file is `fallback`",
        "build" => "add `node: {}`, which builds by the script `build` of `package.json`",
        "port" => "write `runtime: {ports: [8080]}`",
    }
}
