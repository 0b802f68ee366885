internal import CLinux
internal import Glibc

/// Owner of a descriptor that stands for a process, a child or not (pidfd_open(2), Linux 5.3). It is readable once the
/// process has ended, so an event loop or poll(2) can wait for it.
package struct ProcessDescriptor: ~Copyable, Sendable {
    package let fileDescriptor: FileDescriptor

    /// Opens it; close-on-exec, as all such descriptors are.
    /// - Parameter id: of a process that has not been reaped; else ESRCH is thrown.
    /// - Throws: ENOSYS and EPERM where the kernel or a sandbox does not do this.
    package init(of id: Int32) throws(SystemError) {
        let number = harbor_pidfd_open(id)
        guard number >= 0 else { throw SystemError(errno) }
        fileDescriptor = FileDescriptor(owning: number)
    }
}
