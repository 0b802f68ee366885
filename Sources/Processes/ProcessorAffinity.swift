internal import CLinux
internal import Glibc

/// Controls which processors a thread may run on (sched_setaffinity(2)).
///
/// A thread inherits its affinity from the thread that starts it, and Dispatch starts threads from any thread. So
/// a thread that a bound loop starts is bound, too, until it calls `release`. Code must call that before long
/// work and before it starts processes. Otherwise a thread of the task pool may stay bound until it has been idle
/// for some seconds.
package enum ProcessorAffinity {
    /// The length of a mask in words, for 8,192 processors, the most that Linux supports.
    private static let words = 128

    /// The numbers of the processors that this process may use, in ascending order; empty when the call fails.
    package static func processors() -> [Int] {
        mask(ofThread: getpid()).enumerated().flatMap { index, word in
            (0..<UInt.bitWidth).filter { word >> $0 & 1 == 1 }.map { index * UInt.bitWidth + $0 }
        }
    }

    /// Binds the calling thread to one processor. Has no effect for a processor that this process may not use.
    package static func bind(to processor: Int) {
        guard (0..<words * UInt.bitWidth).contains(processor) else { return }
        var mask = [UInt](repeating: 0, count: words)
        mask[processor / UInt.bitWidth] = 1 << (processor % UInt.bitWidth)
        apply(mask)
    }

    /// Lets the calling thread run on all processors of the process again.
    package static func release() {
        apply(mask(ofThread: getpid()))
    }

    /// The mask of a thread. The process's id gives that of the main thread, which is never bound, because no loop
    /// runs on it.
    private static func mask(ofThread id: pid_t) -> [UInt] {
        var mask = [UInt](repeating: 0, count: words)
        // The kernel writes at most this many bytes, and keeps no pointer.
        let filled = unsafe harbor_get_affinity(id, &mask, UInt(words * MemoryLayout<UInt>.size))
        return filled > 0 ? mask : []
    }

    private static func apply(_ mask: [UInt]) {
        guard !mask.isEmpty else { return }
        _ = unsafe harbor_set_affinity(0, mask, UInt(mask.count * MemoryLayout<UInt>.size))
    }
}
