internal import Processes

/// The loops of a process, usually one per core.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]

    /// Makes `count` loops, at least one; `start` makes them run.
    /// - Parameter bindsToProcessors: binds each loop to a processor of its own, if there are as many loops as
    ///   processors that this process may use. Unbound, the kernel tends to wake a loop on the processor of the
    ///   client whose data has arrived, where the loop must wait until that client sleeps. With any other number of
    ///   loops the kernel's choice is better, so nothing is bound.
    /// - Parameter longTurn: called with each turn that holds up a loop, on that loop.
    package init(
        count: Int, label: String = "harbor.loop", bindsToProcessors: Bool = false,
        longTurn: EventLoop.LongTurnObserver? = nil
    ) throws(EventLoopError) {
        let count = max(count, 1)
        let processors = bindsToProcessors ? ProcessorAffinity.processors() : []
        let isBound = processors.count == count
        var loops: [EventLoop] = []
        for index in 0..<count {
            loops.append(
                try EventLoop(
                    label: "\(label).\(index)", processor: isBound ? processors[index] : nil,
                    longTurn: longTurn))
        }
        self.loops = loops
    }

    /// Makes a group of existing loops, at least one.
    package init(_ loops: [EventLoop]) {
        self.loops = loops
    }

    package func start() {
        for loop in loops { loop.start() }
    }

    /// Stops the loops one after the other. Each one first runs the work submitted to it so far.
    package func stop() async {
        for loop in loops { await loop.stop() }
    }

    /// The loop for a key. In one process a key always gives the same loop.
    package func loop(forKey key: String) -> EventLoop {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return loops[Int(hash % UInt64(loops.count))]
    }
}
