//! Libraries that no image brings, because what runs the container puts them there.

/// The driver of NVIDIA's devices, which must be that of the machine's kernel: its container toolkit mounts it
/// (libnvidia-container, `nvc_info.c`; on Windows `libdxcore` stands before it). AMD's and Intel's are ordinary
/// packages, and so is all of CUDA that stands on the driver (`libcudart`, `libcublas`, …).
const NVIDIA: &[&str] = &[
    "libcuda",
    "libcudadebugger",
    "libdxcore",
    "libnvcuvid",
    "libnvoptix",
    "libvdpau_nvidia",
    "libEGL_nvidia",
    "libGLESv1_CM_nvidia",
    "libGLESv2_nvidia",
    "libGLX_nvidia",
    "libnvidia-allocator",
    "libnvidia-cbl",
    "libnvidia-cfg",
    "libnvidia-compiler",
    "libnvidia-eglcore",
    "libnvidia-encode",
    "libnvidia-fatbinaryloader",
    "libnvidia-fbc",
    "libnvidia-glcore",
    "libnvidia-glsi",
    "libnvidia-glvkspirv",
    "libnvidia-gpucomp",
    "libnvidia-ifr",
    "libnvidia-ml",
    "libnvidia-ngx",
    "libnvidia-nscq",
    "libnvidia-nvvm",
    "libnvidia-opencl",
    "libnvidia-opticalflow",
    "libnvidia-pkcs11",
    "libnvidia-pkcs11-openssl3",
    "libnvidia-ptxjitcompiler",
    "libnvidia-rtcore",
    "libnvidia-tls",
];

/// Whether a library is one that is put into containers as they start, by its name with or without a number.
pub(super) fn is_injected(library: &[u8]) -> bool {
    let Ok(library) = std::str::from_utf8(library) else { return false };
    let stem = match library.split_once(".so.") {
        Some((stem, _)) => Some(stem),
        None => library.strip_suffix(".so"),
    };
    stem.is_some_and(|stem| NVIDIA.contains(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_is_injected_and_what_stands_on_it_is_not() {
        for library in ["libcuda.so.1", "libcuda.so", "libnvidia-ml.so.1", "libnvidia-encode.so.1"] {
            assert!(is_injected(library.as_bytes()), "{library}");
        }
        for library in
            ["libcudart.so.12", "libcublas.so.12", "libnvidia-container.so.1", "libcuda.sox", "libcuda"]
        {
            assert!(!is_injected(library.as_bytes()), "{library}");
        }
    }
}
