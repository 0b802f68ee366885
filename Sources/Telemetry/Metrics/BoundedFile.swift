import Glibc
import Processes

/// Short reads of what the kernel shows as files.
enum BoundedFile {
    /// The first bytes of a file; none when it cannot be read.
    static func read(_ path: String, atMost count: Int) -> [UInt8] {
        (try? FileDescriptor(opening: path, O_RDONLY).read(count)) ?? []
    }

    /// How many descriptors this process has open; nil when the kernel does not tell.
    ///
    /// Linux 6.2 and later give the number as the directory's size; before, its entries are counted, which costs
    /// about a microsecond each.
    static func openDescriptors() -> Int? {
        var status = stat()
        // The pointer is ours for the call.
        guard unsafe stat("/proc/self/fd", &status) == 0 else { return nil }
        return status.st_size > 0 ? Int(status.st_size) : countedDescriptors(atMost: 100_000)
    }

    private static func countedDescriptors(atMost limit: Int) -> Int? {
        // The directory stream is opened and closed here; an entry lives until the next read.
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var entries = 0
        while entries < limit, unsafe readdir(directory) != nil { entries += 1 }
        // Without `.`, `..` and the directory's own descriptor.
        return max(entries - 3, 0)
    }
}
