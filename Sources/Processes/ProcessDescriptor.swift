internal import CLinux
internal import Glibc

/// Owns a descriptor that refers to a process, which need not be a child (pidfd_open(2), Linux 5.3). It becomes
/// readable when the process ends, so an event loop or poll(2) can wait for that.
package struct ProcessDescriptor: ~Copyable, Sendable {
    package let fileDescriptor: FileDescriptor

    /// Opens a descriptor for a process. The kernel marks it close-on-exec.
    /// - Parameter id: the id of a process that has not been reaped.
    /// - Throws: ESRCH when there is no such process; ENOSYS or EPERM when the kernel or a sandbox does not
    ///   allow the call.
    package init(of id: Int32) throws(SystemError) {
        let number = harbor_pidfd_open(id)
        guard number >= 0 else { throw SystemError(errno) }
        fileDescriptor = FileDescriptor(owning: number)
    }
}
