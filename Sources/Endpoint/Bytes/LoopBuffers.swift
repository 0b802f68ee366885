/// Memory that a loop lends to whichever connection has an event, so that an idle connection owns none. Touched on its
/// loop only.
final class LoopBuffers {
    /// A bigger output buffer is not kept for the next event, in bytes.
    private static let keptOutputBytes = 262_144

    /// Room to join small chunks in before a send.
    var scratch: [UInt8] = []
    private var output: [UInt8] = []
    private var frame: [UInt8] = []

    /// Gives the output buffer to the connection that has an event; one inside another gets a new one.
    func lendOutput(to output: inout [UInt8]) {
        guard output.isEmpty else { return }
        swap(&output, &self.output)
    }

    func takeBackOutput(from output: inout [UInt8]) {
        if !output.isEmpty { output.removeAll(keepingCapacity: true) }
        if output.capacity > self.output.capacity, output.capacity <= Self.keptOutputBytes {
            swap(&output, &self.output)
        }
        output = []
    }

    /// Lends room for one frame. A big frame gets its own room, since it will be kept.
    func withFrameRoom(for bytes: Int, _ body: (inout [UInt8]) -> Void) {
        var room: [UInt8] = []
        guard bytes < Outbox.joinLimit else { return body(&room) }
        swap(&room, &frame)
        room.removeAll(keepingCapacity: true)
        body(&room)
        swap(&room, &frame)
    }
}
