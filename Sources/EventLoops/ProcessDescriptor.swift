internal import CLinux
internal import Glibc

/// Owner of a descriptor that stands for a process, a child or not (pidfd_open(2), Linux 5.3).
///
///     let process = try ProcessDescriptor(of: id)
///     try await loop.waitForEnd(of: process)
package struct ProcessDescriptor: ~Copyable, Sendable {
    let fileDescriptor: CInt

    /// Opens it; close-on-exec, as all such descriptors are.
    /// - Parameter id: of a process that has not been reaped; else ESRCH is thrown.
    /// - Throws: `EventLoopError.system`: ENOSYS and EPERM mean that the kernel or a sandbox does not do this.
    package init(of id: Int32) throws(EventLoopError) {
        fileDescriptor = harbor_pidfd_open(id)
        guard fileDescriptor >= 0 else { throw .system(call: "pidfd_open", errno: errno) }
    }

    deinit { close(fileDescriptor) }
}
