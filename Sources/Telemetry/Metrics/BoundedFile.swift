import Glibc
import Processes

/// Reads the kernel's files about this process, with a bound.
enum BoundedFile {
    /// The first bytes of a file; empty when it cannot be read.
    static func read(_ path: String, atMost count: Int) -> [UInt8] {
        (try? FileDescriptor(opening: path, O_RDONLY).read(count)) ?? []
    }

    /// The number of descriptors that this process has open; nil when the kernel does not provide it.
    ///
    /// Linux 6.2 and later give the number as the size of the directory. On older kernels its entries are counted,
    /// which costs about a microsecond each.
    static func openDescriptors() -> Int? {
        var status = stat()
        // The pointer is ours for the call.
        guard unsafe stat("/proc/self/fd", &status) == 0 else { return nil }
        return status.st_size > 0 ? Int(status.st_size) : countedDescriptors(atMost: 100_000)
    }

    private static func countedDescriptors(atMost limit: Int) -> Int? {
        // This function opens and closes the directory stream. An entry is valid until the next read; none is kept.
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var entries = 0
        while entries < limit, unsafe readdir(directory) != nil { entries += 1 }
        // Do not count `.`, `..` and the directory's own descriptor.
        return max(entries - 3, 0)
    }
}
