//! ELF files made up for a test: as much of one as a loader looks at.

/// A 64-bit little-endian file in the making.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    machine: u16,
    file_type: u16,
    interpreter: Option<&'static str>,
    strings: Vec<u8>,
    dynamic: Vec<(u64, u64)>,
    needs: Vec<(u32, Vec<u32>)>,
    versions: Vec<u32>,
}

impl Fixture {
    /// A shared library for amd64.
    pub(crate) fn library() -> Fixture {
        Fixture {
            machine: 62,
            file_type: 3,
            interpreter: None,
            strings: vec![0],
            dynamic: Vec::new(),
            needs: Vec::new(),
            versions: Vec::new(),
        }
    }

    /// A static program for amd64.
    pub(crate) fn program() -> Fixture {
        Fixture { file_type: 2, ..Fixture::library() }
    }

    /// A program that glibc's loader starts.
    pub(crate) fn glibc_program() -> Fixture {
        Fixture { interpreter: Some("/lib64/ld-linux-x86-64.so.2"), ..Fixture::library() }
    }

    pub(crate) fn machine(mut self, machine: u16) -> Fixture {
        self.machine = machine;
        self
    }

    pub(crate) fn interpreter(mut self, path: &'static str) -> Fixture {
        self.interpreter = Some(path);
        self
    }

    pub(crate) fn needs(self, library: &str) -> Fixture {
        self.entry(1, library)
    }

    pub(crate) fn soname(self, name: &str) -> Fixture {
        self.entry(14, name)
    }

    pub(crate) fn rpath(self, path: &str) -> Fixture {
        self.entry(15, path)
    }

    pub(crate) fn runpath(self, path: &str) -> Fixture {
        self.entry(29, path)
    }

    pub(crate) fn needs_versions(mut self, library: &str, versions: &[&str]) -> Fixture {
        let library = self.string(library);
        let versions = versions.iter().map(|version| self.string(version)).collect();
        self.needs.push((library, versions));
        self
    }

    pub(crate) fn has_versions(mut self, versions: &[&str]) -> Fixture {
        self.versions = versions.iter().map(|version| self.string(version)).collect();
        self
    }

    /// The file's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let headers = 64 + 3 * 56;
        let mut body: Vec<u8> = Vec::new();
        let mut place = |bytes: Vec<u8>| {
            let at = (headers + body.len()) as u64;
            body.extend(&bytes);
            (at, bytes.len() as u64)
        };
        let strings = place(self.strings.clone());
        let interpreter = self.interpreter.map(|path| place([path.as_bytes(), b"\0"].concat()));
        let needs = place(self.version_needs());
        let versions = place(self.version_definitions());
        let mut entries = self.dynamic.clone();
        entries.push((5, strings.0));
        if !self.needs.is_empty() {
            entries.push((0x6fff_fffe, needs.0));
        }
        if !self.versions.is_empty() {
            entries.push((0x6fff_fffc, versions.0));
        }
        entries.push((0, 0));
        let dynamic =
            place(entries.iter().flat_map(|(t, v)| [t.to_le_bytes(), v.to_le_bytes()].concat()).collect());
        let mut file = self.header();
        file.extend(segment(1, (0, (headers + body.len()) as u64)));
        // Where there is no interpreter, a segment of no meaning (PT_NULL) fills the place.
        file.extend(interpreter.map_or_else(|| segment(0, (0, 0)), |range| segment(3, range)));
        file.extend(segment(if self.file_type == 2 { 0 } else { 2 }, dynamic));
        file.extend(body);
        file
    }

    fn entry(mut self, tag: u64, text: &str) -> Fixture {
        let at = self.string(text);
        self.dynamic.push((tag, at.into()));
        self
    }

    fn string(&mut self, text: &str) -> u32 {
        let at = u32::try_from(self.strings.len()).unwrap();
        self.strings.extend(text.as_bytes());
        self.strings.push(0);
        at
    }

    fn header(&self) -> Vec<u8> {
        let mut header = b"\x7fELF\x02\x01\x01".to_vec();
        header.resize(16, 0);
        header.extend(self.file_type.to_le_bytes());
        header.extend(self.machine.to_le_bytes());
        header.resize(32, 0);
        header.extend(64_u64.to_le_bytes());
        header.resize(54, 0);
        header.extend([56, 0, 3, 0]);
        header.resize(64, 0);
        header
    }

    fn version_needs(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, (library, versions)) in self.needs.iter().enumerate() {
            let length = u32::try_from(16 * (versions.len() + 1)).unwrap();
            let next = if index + 1 == self.needs.len() { 0 } else { length };
            bytes.extend([1_u16, u16::try_from(versions.len()).unwrap()].map(u16::to_le_bytes).concat());
            bytes.extend([*library, 16, next].map(u32::to_le_bytes).concat());
            for (index, version) in versions.iter().enumerate() {
                let next = if index + 1 == versions.len() { 0 } else { 16 };
                bytes.extend([0, 0, *version, next].map(u32::to_le_bytes).concat());
            }
        }
        bytes
    }

    fn version_definitions(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, version) in self.versions.iter().enumerate() {
            let next = if index + 1 == self.versions.len() { 0 } else { 28 };
            bytes.extend([1_u16, 0, 2, 1].map(u16::to_le_bytes).concat());
            bytes.extend([0, 20, next, *version, 0].map(u32::to_le_bytes).concat());
        }
        bytes
    }
}

fn segment(kind: u32, (at, length): (u64, u64)) -> Vec<u8> {
    let mut bytes = [kind, 4].map(u32::to_le_bytes).concat();
    bytes.extend([at, at, at, length, length, 8].map(u64::to_le_bytes).concat());
    bytes
}
