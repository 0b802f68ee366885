internal import CLinux
internal import Glibc

/// Which processors a thread runs on (sched_setaffinity(2)).
///
/// A thread inherits it from the thread that starts it, and Dispatch starts one on whichever thread needs it: what is
/// started by a bound loop is bound too, until it calls `release`. That is for long work and for what starts processes;
/// a thread of the task pool may else stay bound, until it has had nothing to do for some seconds.
package enum ProcessorAffinity {
    /// 8,192 processors, the most that Linux is built for.
    private static let words = 128

    /// The numbers of the processors that this process may use, ascending; empty when the kernel does not say.
    package static func processors() -> [Int] {
        mask(ofThread: getpid()).enumerated().flatMap { index, word in
            (0..<UInt.bitWidth).filter { word >> $0 & 1 == 1 }.map { index * UInt.bitWidth + $0 }
        }
    }

    /// Keeps the calling thread on one processor. A processor that is not ours to use leaves it where it was.
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

    /// Of the main thread for the process's number: no loop runs there, so that nothing binds it.
    private static func mask(ofThread id: pid_t) -> [UInt] {
        var mask = [UInt](repeating: 0, count: words)
        // The kernel fills in no more than these bytes, and keeps no pointer.
        let filled = unsafe harbor_get_affinity(id, &mask, UInt(words * MemoryLayout<UInt>.size))
        return filled > 0 ? mask : []
    }

    private static func apply(_ mask: [UInt]) {
        guard !mask.isEmpty else { return }
        _ = unsafe harbor_set_affinity(0, mask, UInt(mask.count * MemoryLayout<UInt>.size))
    }
}
