internal import Processes

/// The loops of a process, usually one per core.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]

    /// Makes `count` loops, at least one; `start` makes them run.
    /// - Parameter bindsToProcessors: keeps each loop on a processor of its own if there are as many of them as this
    ///   process may use. Left alone, the kernel wakes a loop on the processor of the client that it hears, where it
    ///   waits for that client to sleep. With any other number the kernel does better.
    /// - Parameter longTurn: told of turns that hold up a loop, on that loop.
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

    /// A group of loops that were made one by one, at least one.
    package init(_ loops: [EventLoop]) {
        self.loops = loops
    }

    package func start() {
        for loop in loops { loop.start() }
    }

    /// Stops the loops one after the other, each after the work submitted to it so far.
    package func stop() async {
        for loop in loops { await loop.stop() }
    }

    /// The loop that a thing with this name belongs to, always the same in one process.
    package func loop(forKey key: String) -> EventLoop {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return loops[Int(hash % UInt64(loops.count))]
    }
}
